import Foundation
import Glibc

/// A fresh directory that disappears with its last reference.
package final class TemporaryDirectory: Sendable {
    /// The absolute path.
    package let path: String

    /// Makes the directory below the system's place for temporary files.
    ///
    /// - Parameter purpose: a word that makes the name recognisable.
    package init(_ purpose: String) throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        path = "\(parent)/granary-\(purpose)-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of something inside.
    package func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and gives its path.
    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// Writes a text file and gives its path.
    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    /// The bytes of a file, none when there is no such file.
    package func contents(_ name: String) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path(name)) else { return [] }
        return Array(data)
    }

    /// Makes a directory inside and gives its path.
    package func directory(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        return path(name)
    }
}
