// A dancer in Unity: spheres for the joints, lines for the bones. No packages are needed.
//
// 1. Copy this file into the Assets folder, and drag it onto an empty GameObject.
// 2. In a terminal:   engine serve --out "native://127.0.0.1:9100?space=unity"
// 3. Press Play.
//
// With space=unity the engine sends Unity's own axes (left-handed, y up, metres), so nothing is converted here.
using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using UnityEngine;

public class UnitySkeleton : MonoBehaviour
{
    public int port = 9100;
    public int performer = 1;          // p1, p2, ...
    public float jointSize = 0.06f;    // metres
    public float boneWidth = 0.02f;    // metres
    public int frame;                  // number of the last frame that came, to be watched in the Inspector

    UdpClient socket;
    Thread thread;
    readonly object door = new object();   // two threads share the fields below
    float[] positions;                     // x y z of each joint
    int[] parents;                         // number of each joint's parent, -1 for the root
    string[] names;

    readonly List<Transform> joints = new List<Transform>();
    readonly List<LineRenderer> bones = new List<LineRenderer>();

    void OnEnable()
    {
        socket = new UdpClient(port);
        thread = new Thread(Receive) { IsBackground = true };
        thread.Start();
    }

    void OnDisable()
    {
        socket.Close();   // ends the thread: its Receive fails
        thread.Join();
    }

    // Runs beside the game: datagrams come when they come, not when Unity draws.
    void Receive()
    {
        var sender = new IPEndPoint(IPAddress.Any, 0);
        while (true)
        {
            byte[] datagram;
            try { datagram = socket.Receive(ref sender); }
            catch (SocketException error)
            {
                if (error.SocketErrorCode == SocketError.ConnectionReset) continue;   // Windows says so now and then
                return;
            }
            catch (ObjectDisposedException) { return; }
            foreach (var message in OscMessage.Read(datagram)) Take(message);
        }
    }

    void Take(OscMessage message)
    {
        var start = "/engine/p" + performer + "/";
        if (!message.Address.StartsWith(start, StringComparison.Ordinal)) return;
        lock (door)
        {
            switch (message.Address.Substring(start.Length))
            {
                case "frame": frame = message.Ints[0]; break;
                case "pos": positions = message.Floats.ToArray(); break;
                case "skeleton/names": names = message.Strings.ToArray(); break;
                case "skeleton/parents": parents = message.Ints.ToArray(); break;
            }
        }
    }

    // Once for each picture: put the spheres and lines where the dancer is.
    void Update()
    {
        lock (door)
        {
            if (positions == null) return;
            for (int j = joints.Count; j < positions.Length / 3; j++) joints.Add(NewJoint(j));
            for (int j = 0; j < joints.Count && 3 * j + 2 < positions.Length; j++)
            {
                joints[j].localPosition = new Vector3(positions[3 * j], positions[3 * j + 1], positions[3 * j + 2]);
                if (names != null && j < names.Length) joints[j].name = names[j];
            }
            if (parents == null || parents.Length != joints.Count) return;
            for (int j = bones.Count; j < joints.Count; j++) bones.Add(NewBone(j));
            for (int j = 0; j < joints.Count; j++)
            {
                bones[j].SetPosition(0, joints[j].position);
                bones[j].SetPosition(1, joints[parents[j] < 0 ? j : parents[j]].position);
            }
        }
    }

    Transform NewJoint(int number)
    {
        var sphere = GameObject.CreatePrimitive(PrimitiveType.Sphere).transform;
        sphere.name = "joint " + number;
        sphere.SetParent(transform, false);
        sphere.localScale = Vector3.one * jointSize;
        return sphere;
    }

    LineRenderer NewBone(int number)
    {
        var line = joints[number].gameObject.AddComponent<LineRenderer>();
        line.material = new Material(Shader.Find("Sprites/Default"));
        line.startWidth = line.endWidth = boneWidth;
        line.positionCount = 2;
        return line;
    }
}

// One OSC message: an address and its arguments, by type.
public class OscMessage
{
    public string Address;
    public readonly List<int> Ints = new List<int>();
    public readonly List<float> Floats = new List<float>();
    public readonly List<string> Strings = new List<string>();

    // The messages of a datagram; none of them if it is broken.
    public static List<OscMessage> Read(byte[] datagram)
    {
        var found = new List<OscMessage>();
        try { ReadPacket(datagram, 0, datagram.Length, found, 0); }
        catch (ArgumentException) { found.Clear(); }
        catch (IndexOutOfRangeException) { found.Clear(); }
        catch (FormatException) { found.Clear(); }
        return found;
    }

    // Either one message, or "#bundle", a time of 8 bytes and packets, each led by its size.
    static void ReadPacket(byte[] data, int at, int end, List<OscMessage> found, int depth)
    {
        if (data[at] != (byte)'#') { found.Add(ReadMessage(data, at, end)); return; }
        if (depth > 4) throw new FormatException("bundles within bundles");
        at += 16;
        while (at < end)
        {
            int size = ReadInt(data, ref at);
            if (size <= 0 || size > end - at) throw new FormatException("the size of a packet");
            ReadPacket(data, at, at + size, found, depth + 1);
            at += size;
        }
    }

    static OscMessage ReadMessage(byte[] data, int at, int end)
    {
        var message = new OscMessage { Address = ReadString(data, ref at, end) };
        foreach (char type in ReadString(data, ref at, end))   // such as ",ffi"
        {
            switch (type)
            {
                case ',': break;
                case 'i': message.Ints.Add(ReadInt(data, ref at)); break;
                case 'f': message.Floats.Add(ReadFloat(data, ref at)); break;
                case 's': message.Strings.Add(ReadString(data, ref at, end)); break;
                default: throw new FormatException("a type that the engine does not send");
            }
        }
        return message;
    }

    // Numbers come with their highest byte first.
    static int ReadInt(byte[] data, ref int at)
    {
        at += 4;
        return data[at - 4] << 24 | data[at - 3] << 16 | data[at - 2] << 8 | data[at - 1];
    }

    static float ReadFloat(byte[] data, ref int at)
    {
        return BitConverter.ToSingle(BitConverter.GetBytes(ReadInt(data, ref at)), 0);
    }

    // Text ends with a zero and is filled up with zeros to a multiple of 4 bytes.
    static string ReadString(byte[] data, ref int at, int end)
    {
        int stop = Array.IndexOf(data, (byte)0, at, end - at);
        if (stop < 0) throw new FormatException("text without an end");
        string text = Encoding.UTF8.GetString(data, at, stop - at);
        at += (stop - at) / 4 * 4 + 4;
        return text;
    }
}
