// Runs the shipped Unity script: `read FILE` prints the messages of a datagram, `play PORT` what Unity would show.
using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using UnityEngine;

public static class Harness
{
    public static void Main(string[] arguments)
    {
        System.Globalization.CultureInfo.DefaultThreadCurrentCulture = System.Globalization.CultureInfo.InvariantCulture;
        if (arguments[0] == "read") Read(arguments[1]); else Play(int.Parse(arguments[1]));
    }

    static void Read(string path)
    {
        foreach (var message in OscMessage.Read(File.ReadAllBytes(path)))
            Console.WriteLine(message.Address + " | " + string.Join(" ", message.Ints) + " | " +
                string.Join(" ", message.Floats.Select(f => f.ToString("R"))) + " | " + string.Join(" ", message.Strings));
    }

    static void Play(int port)
    {
        var script = new GameObject().AddComponent<UnitySkeleton>();
        script.port = port;
        Call(script, "OnEnable");
        int last = -1;
        while (true)
        {
            Call(script, "Update");
            int frame = script.frame;
            if (frame != last && GameObject.All.Count > 1) Show(last = frame);
            Thread.Sleep(3);
        }
    }

    static void Show(int frame)
    {
        var spheres = GameObject.All.Skip(1).ToArray();
        Console.WriteLine("frame " + frame + " spheres " + spheres.Length + " lines " + LineRenderer.All.Count +
            " names " + string.Join(",", spheres.Select(s => s.transform.name)) +
            " heights " + string.Join(",", spheres.Select(s => s.transform.localPosition.y.ToString("F3"))));
        Console.Out.Flush();
    }

    const BindingFlags Private = BindingFlags.Instance | BindingFlags.NonPublic;

    static void Call(UnitySkeleton script, string name)
    {
        typeof(UnitySkeleton).GetMethod(name, Private).Invoke(script, null);
    }
}
