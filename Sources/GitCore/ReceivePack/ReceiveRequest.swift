/// What a client asks of `receive-pack` before its pack.
package struct ReceiveRequest: Sendable, Hashable {
    /// The boundary of a client that pushes from a shallow clone.
    package var shallows: [ObjectID]
    /// At least one; no two with the same name.
    package var commands: [ReceiveCommand]
    /// What the client asked for with its first command.
    package var capabilities: Capabilities
    /// Options for policy and webhooks; repaired where they are not UTF-8.
    package var pushOptions: [String]

    /// Whether a pack follows: unless every command is a delete.
    package var expectsPack: Bool { commands.contains { $0.kind != .delete } }

    /// Whether the client reads a report, of either version.
    package var reportStatus: Bool { capabilities.contains("report-status") || reportStatusV2 }
    /// Whether the report may hold option lines.
    package var reportStatusV2: Bool { capabilities.contains("report-status-v2") }
    /// Whether all commands succeed or none.
    package var atomic: Bool { capabilities.contains("atomic") }
    /// Whether nothing is to be written to band 2 except errors.
    package var quiet: Bool { capabilities.contains("quiet") }
    /// How report and progress are framed.
    package var sideBand: SideBandLimit { capabilities.contains("side-band-64k") ? .large : .none }
}
