import Foundation

/// The programs in `fixtures/ssh`, which speak SSH by paramiko and break its rules.
///
/// `GRANARY_TEST_PYTHON` names the interpreter of a virtual environment that has paramiko; without it `python3` is tried.
package struct PythonScript: Sendable {
    /// The file's name without its directory.
    package let name: String

    /// A script of `fixtures/ssh`.
    package init(_ name: String) {
        self.name = name
    }

    /// The interpreter.
    package static var interpreter: String {
        ProcessInfo.processInfo.environment["GRANARY_TEST_PYTHON"] ?? "python3"
    }

    /// The script's path.
    package var path: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../../fixtures/ssh/\(name)").standardizedFileURL.path
    }

    /// True when the interpreter finds a module.
    package static func canImport(_ module: String) async -> Bool {
        let result = try? await Command(interpreter, ["-c", "import \(module)"]).run()
        return result?.succeeded ?? false
    }

    /// Runs the script.
    package func run(_ arguments: [String], timeout: Duration = .seconds(90)) async throws -> CommandResult {
        var command = Command(Self.interpreter, [path] + arguments)
        command.timeout = timeout
        command.environment = ["PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"]
        return try await command.run()
    }
}
