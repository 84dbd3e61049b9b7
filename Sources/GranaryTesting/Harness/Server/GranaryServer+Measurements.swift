import Foundation

extension GranaryServer {
    /// What the kernel says about the server's process.
    package struct Measurements: Sendable {
        /// The highest resident size since the start, or since `resetPeak()`, in bytes.
        package let peakResident: Int
        /// The resident size now, in bytes.
        package let resident: Int
        /// Threads.
        package let threads: Int
        /// Open descriptors.
        package let descriptors: Int
    }

    /// Asks the kernel.
    ///
    /// - Source: proc(5), `/proc/PID/status`.
    package func measurements() throws -> Measurements {
        let folder = "/proc/\(identifier)"
        let status = try String(contentsOfFile: folder + "/status", encoding: .utf8)
        func value(_ key: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(key + ":") } ?? ""
            return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0
        }
        return Measurements(
            peakResident: value("VmHWM") * 1_024,
            resident: value("VmRSS") * 1_024,
            threads: value("Threads"),
            descriptors: try FileManager.default.contentsOfDirectory(atPath: folder + "/fd").count
        )
    }

    /// Lets the peak of the resident size begin anew.
    ///
    /// - Source: proc(5), `/proc/PID/clear_refs`, value 5.
    package func resetPeak() throws {
        try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/\(identifier)/clear_refs"))
    }

    /// The names below the quarantine directory of a repository, and files of packs without their index.
    package func leftovers(of repository: HostedRepository) -> [String] {
        let files = FileManager.default
        let quarantine = (try? files.contentsOfDirectory(atPath: repository.storedPath + "/quarantine")) ?? []
        let packs = (try? files.contentsOfDirectory(atPath: repository.storedPath + "/objects/pack")) ?? []
        let names = Set(packs)
        let strays = packs.filter { name in
            guard name.hasSuffix(".pack") else { return !name.hasPrefix("pack-") }
            return !names.contains(name.dropLast(5) + ".idx")
        }
        return (quarantine + strays).sorted()
    }

    /// How many packs a repository has.
    package func packCount(of repository: HostedRepository) -> Int {
        let names = try? FileManager.default.contentsOfDirectory(atPath: repository.storedPath + "/objects/pack")
        return (names ?? []).count { $0.hasSuffix(".pack") }
    }
}
