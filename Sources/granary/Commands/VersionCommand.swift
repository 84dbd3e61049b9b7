import ArgumentParser

/// What this program calls itself.
enum ProgramVersion {
    /// The version of the release, as in `CHANGELOG.md`.
    static let text = "0.1.0"
}

/// `granary version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version.",
        discussion: "Example: granary version"
    )

    func run() { Terminal.print("granary \(ProgramVersion.text)") }
}
