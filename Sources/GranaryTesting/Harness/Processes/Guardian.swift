import Glibc

/// Stops a server that a script has started when the test process dies in a way that runs no clean-up.
enum Guardian {
    /// Starts a shell that waits for the end of this process, then runs `script verb directory` and removes the directory.
    static func start(_ script: String, _ verb: String, _ directory: TemporaryDirectory) throws -> ChildProcess {
        let text = "while kill -0 \(getpid()) 2>/dev/null; do sleep 1; done; \"$0\" \"$1\" \"$2\"; rm -rf \"$2\""
        return try ChildProcess.start(
            Launch(
                executable: "/bin/sh",
                arguments: ["-c", text, script, verb, directory.path],
                environment: Command.baseEnvironment,
                directory: "/"
            )
        )
    }
}
