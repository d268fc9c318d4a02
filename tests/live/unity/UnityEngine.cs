// The few parts of Unity that the shipped script touches, so that it can be built and run without Unity.
using System.Collections.Generic;

namespace UnityEngine
{
    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
        public static Vector3 one { get { return new Vector3(1, 1, 1); } }
        public static Vector3 operator *(Vector3 v, float s) { return new Vector3(v.x * s, v.y * s, v.z * s); }
    }

    public class Object { public string name; }

    public class Component : Object
    {
        public GameObject gameObject;
        public Transform transform { get { return gameObject.transform; } }
    }

    public class Transform : Component
    {
        public Vector3 localPosition, localScale;
        public Vector3 position { get { return localPosition; } }
        public void SetParent(Transform parent, bool worldPositionStays) { }
    }

    public class MonoBehaviour : Component { }

    public enum PrimitiveType { Sphere }

    public class GameObject : Object
    {
        public static readonly List<GameObject> All = new List<GameObject>();
        public readonly Transform transform = new Transform();
        public GameObject() { transform.gameObject = this; All.Add(this); }
        public static GameObject CreatePrimitive(PrimitiveType type) { return new GameObject(); }
        public T AddComponent<T>() where T : Component, new() { return new T { gameObject = this }; }
    }

    public class Shader : Object { public static Shader Find(string name) { return new Shader(); } }

    public class Material : Object { public Material(Shader shader) { } }

    public class LineRenderer : Component
    {
        public static readonly List<LineRenderer> All = new List<LineRenderer>();
        public Material material;
        public float startWidth, endWidth;
        public int positionCount;
        public readonly Vector3[] points = new Vector3[2];
        public LineRenderer() { All.Add(this); }
        public void SetPosition(int index, Vector3 point) { points[index] = point; }
    }
}
