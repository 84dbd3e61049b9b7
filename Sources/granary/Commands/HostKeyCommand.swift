import ArgumentParser
import HubCore
import SSHD

/// `granary host-key`.
struct HostKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host-key",
        abstract: "Show or replace the keys by which SSH clients know this server.",
        subcommands: [List.self, Import.self]
    )

    /// `granary host-key list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the host keys with their fingerprints.",
            discussion: """
                The fingerprints are what a client's question at the first connection shows.

                Example: granary host-key list --json
                Exit codes: 1 when a key cannot be read.
                """
        )

        @OptionGroup var common: CommonOptions
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let keys = try HostKeys(directory: common.directory().secrets).descriptions()
            guard !json else { return Terminal.print(try JSONOutput.text(keys.map(HostKeyRow.init))) }
            var table = TextTable(["FINGERPRINT", "ALGORITHM"])
            for key in keys { table.add([key.fingerprint, key.algorithm]) }
            Terminal.print(table.text)
        }
    }

    /// `granary host-key import`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take over a host key of another SSH server.",
            discussion: """
                Replaces the key of the same algorithm, so that clients of the former server are not warned. Takes a \
                private key without passphrase, as OpenSSH keeps them; the server uses it after its next start.

                Example: granary host-key import /etc/ssh/ssh_host_ed25519_key
                Exit codes: 2 for a file that is no such key.
                """
        )

        @OptionGroup var common: CommonOptions
        @Argument(help: "The private key's file.")
        var file: String

        func run() async throws {
            let keys = HostKeys(directory: try common.directory().secrets)
            do {
                Terminal.print(try keys.importKey(from: file).fingerprint)
            } catch {
                throw CommandFailure(.usage, Printable.text("\(error)"))
            }
        }
    }
}

/// A host key as JSON.
private struct HostKeyRow: Encodable {
    let algorithm: String
    let fingerprint: String
    let publicKey: String

    init(_ key: SSHHostKey) {
        (algorithm, fingerprint, publicKey) = (key.algorithm, key.fingerprint, key.publicKey)
    }
}
