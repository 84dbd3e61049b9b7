import Foundation
package import Glibc
import Synchronization

/// What to start, with everything that it inherits spelled out.
package struct Launch: Sendable {
    /// A path, or a name that is looked up in the `PATH` of `environment`.
    package var executable: String
    /// The arguments after the program's own name.
    package var arguments: [String]
    /// The whole environment; nothing else is inherited.
    package var environment: [String: String]
    /// The working directory.
    package var directory: String
    /// A file that is read as standard input.
    package var inputFile = "/dev/null"
    /// A file that standard output is appended to.
    package var outputFile = "/dev/null"
    /// A file that standard error is appended to.
    package var errorFile = "/dev/null"
}

/// A program that could not be started.
package struct LaunchError: Error, CustomStringConvertible {
    /// The program.
    package let executable: String
    /// The value of `errno`.
    package let code: Int32

    package var description: String { "cannot start \(executable): \(String(cString: strerror(code)))" }
}

/// A child process in a process group of its own; always reaped.
///
/// Made by `posix_spawn` and not by Foundation's `Process`: standard streams are files, so that nothing can block on a full
/// pipe, and waiting blocks no thread.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum Outcome: Sendable, Equatable {
        case exited(Int32), signalled(Int32)

        /// The exit status as a shell would give it: 128 + the signal for a killed process.
        package var status: Int32 {
            switch self {
            case .exited(let code): code
            case .signalled(let signal): 128 + signal
            }
        }
    }

    /// The process and, at the same time, its process group.
    package let identifier: pid_t
    private let outcome = Mutex<Outcome?>(nil)

    private init(identifier: pid_t) {
        self.identifier = identifier
    }

    deinit {
        guard reap() == nil else { return }
        Glibc.kill(-identifier, SIGKILL)
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
    }

    /// Starts a program.
    ///
    /// A program that does not exist ends with status 127.
    /// - Throws: `LaunchError` when a stream's file cannot be opened or the limit of processes is reached.
    package static func start(_ launch: Launch) throws -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, launch.inputFile, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, launch.outputFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, launch.errorFile, O_WRONLY | O_CREAT | O_APPEND, 0o600)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP] { sigaddset(&defaults, signal) }
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: Int(flags)))

        let environment = launch.environment.map { "\($0.key)=\($0.value)" }
        var identifier: pid_t = 0
        // `env` changes the directory and is replaced by the program, so the process id stays the same.
        let words = ["/usr/bin/env", "-C", launch.directory, launch.executable] + launch.arguments
        let code = withCStrings(words) { arguments in
            withCStrings(environment) { variables in
                posix_spawn(&identifier, "/usr/bin/env", &actions, &attributes, arguments, variables)
            }
        }
        guard code == 0 else { throw LaunchError(executable: launch.executable, code: code) }
        return ChildProcess(identifier: identifier)
    }

    /// How the process ended, or nil while it runs.
    @discardableResult
    package func reap() -> Outcome? {
        outcome.withLock { outcome in
            if let outcome { return outcome }
            var status: Int32 = 0
            guard waitpid(identifier, &status, WNOHANG) == identifier else { return nil }
            let signal = status & 0x7f
            outcome = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
            return outcome
        }
    }

    /// Waits for the end without blocking a thread; nil when the time is over or the task is cancelled.
    package func wait(timeout: Duration) async -> Outcome? {
        let deadline = ContinuousClock.now + timeout
        var pause = Duration.milliseconds(1)
        while true {
            if let outcome = reap() { return outcome }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return nil }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(16))
        }
    }

    /// Sends a signal to the process alone.
    package func signal(_ signal: Int32) {
        guard reap() == nil else { return }
        Glibc.kill(identifier, signal)
    }

    /// Kills the process and every child that it left in its group, and reaps it.
    package func kill() async {
        guard reap() == nil else { return }
        Glibc.kill(-identifier, SIGKILL)
        // A task of its own: reaping has to happen although the caller may be cancelled.
        await Task { _ = await wait(timeout: .seconds(30)) }.value
    }
}

/// Calls `body` with a null-terminated array of C strings that live as long as the call.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { pointers[index] = strdup(string) }
    pointers[strings.count] = nil
    defer {
        for index in strings.indices { free(pointers[index]) }
        pointers.deallocate()
    }
    return body(pointers)
}
