import Foundation
import GranaryTesting
import Testing

@Suite("ssh-audit", .serialized, .sharedServer)
struct Audit {
    /// Beside the interpreter of the virtual environment, or in the search path.
    private static var program: String {
        let beside = URL(fileURLWithPath: PythonScript.interpreter).deletingLastPathComponent()
            .appendingPathComponent("ssh-audit").path
        return FileManager.default.isExecutableFile(atPath: beside) ? beside : "ssh-audit"
    }

    private static func isInstalled() async -> Bool {
        let result = try? await Command(program, ["--help"]).run()
        return result.map { $0.status < 126 } ?? false
    }

    /// Its status is 0 without findings, 2 with warnings and 3 with failures; 1 when it could not connect.
    @Test(.enabled("ssh-audit is not installed") { await isInstalled() })
    func nothingOfferedIsBroken() async throws {
        let server = try SharedServer.running.server
        let arguments = ["--skip-rate-test", "--no-colors", "--port=\(server.sshPort)", "127.0.0.1"]
        let result = try await Command(Self.program, arguments).run()
        #expect([0, 2].contains(result.status), "\(result)")
        #expect(!result.output.contains("[fail]"), "\(result)")
    }
}
