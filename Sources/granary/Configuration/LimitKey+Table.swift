import GitCore
import HubAPI
import HubCore
import SSHD

extension LimitKey {
    /// All limits in the order `granary config` prints them.
    static let all: [LimitKey] = pushes + requests + rates + connections + ssh

    private static let pushes: [LimitKey] = [
        bytes("pack-bytes", \.git.packBytes, 1_024...(1 << 45), "Bytes of one incoming pack."),
        count("objects-per-pack", \.git.objectsPerPack, 1...1_000_000_000, "Objects in one incoming pack."),
        bytes("object-bytes", \.git.objectBytes, 1_024...(1 << 45), "Inflated bytes of one object."),
        bytes(
            "structured-object-bytes",
            \.git.structuredObjectBytes,
            1_024...(1 << 31),
            "Inflated bytes of a commit, tree or tag."
        ),
        bytes(
            "object-bytes-in-memory",
            \.git.objectBytesInMemory,
            4_096...(1 << 31),
            "Objects up to this size are held in memory; larger ones stream through temporary files."
        ),
        count(
            "expansion-ratio",
            \.git.expansionRatio,
            1...1_000_000,
            "Inflated bytes of a push may exceed its pack this many times, beyond limits.expansion-free."
        ),
        bytes("expansion-free", \.git.expansionFree, 0...(1 << 40), "Inflated bytes that no ratio is applied to."),
        count("delta-depth", \.git.deltaDepth, 1...100_000, "Links in one chain of deltas."),
        count("commands-per-push", \.git.commandsPerPush, 1...10_000_000, "Refs that one push may change."),
        count("refs", \.git.refs, 1...10_000_000, "Refs of one repository."),
        count("push-options", \.git.pushOptions, 0...10_000, "push-option lines in one push."),
        bytes("push-option-bytes", \.git.pushOptionBytes, 1...65_000, "Bytes of one push option."),
        count("push-seconds", \.git.pushSeconds, 1...604_800, "Seconds of server work for one push."),
    ]

    private static let requests: [LimitKey] = [
        count("wants", \.git.wants, 1...10_000_000, "want lines in one request."),
        count("haves", \.git.haves, 1...10_000_000, "have lines in one request."),
        count("shallows", \.git.shallows, 1...10_000_000, "shallow lines in one request."),
        count("ref-prefixes", \.git.refPrefixes, 1...10_000_000, "ref-prefix lines in one request."),
        bytes(
            "upload-request-bytes",
            \.git.uploadRequestBytes,
            65_536...(1 << 31),
            "Bytes of one upload-pack request after inflation."
        ),
        count("server-options", \.git.serverOptions, 0...10_000, "server-option lines in one request."),
        bytes("server-option-bytes", \.git.serverOptionBytes, 1...65_000, "Bytes of one server option."),
        bytes(
            "pack-cache-bytes",
            \.packCache.bytes,
            0...1 << 50,
            "Bytes of packs that are kept for whoever asks for the same; 0 for none."
        ),
        seconds("pack-cache-seconds", \.packCache.seconds, 0...604_800, "Seconds for which such a pack is kept."),
        count("git-requests", \.concurrency.total, 1...100_000, "git requests of all clients that run at once."),
        count(
            "git-requests-per-client",
            \.concurrency.perClient,
            1...100_000,
            "git requests of one account, or of one address without an account, that run at once."
        ),
    ]

    private static let rates: [LimitKey] = [
        count("rate-window-seconds", \.rates.windowSeconds, 1...86_400, "Seconds in which requests are counted."),
        rate("rate-api", \.rates.account.api, "API requests of one account"),
        rate("rate-api-anonymous", \.rates.network.api, "API requests of one network without an account"),
        rate("rate-resolve", \.rates.account.resolvers, "Requests of files by their path of one account"),
        rate("rate-resolve-anonymous", \.rates.network.resolvers, "The same of one network without an account"),
        rate("rate-git", \.rates.account.git, "Requests of git and large files over HTTP of one account"),
        rate("rate-git-anonymous", \.rates.network.git, "The same of one network without an account"),
    ]

    private static func rate(
        _ name: String,
        _ field: any WritableKeyPath<ServerLimits, Int> & Sendable,
        _ what: String
    ) -> LimitKey {
        count(name, field, 0...1_000_000_000, "\(what) in limits.rate-window-seconds; 0 for any number.")
    }

    private static let connections: [LimitKey] = [
        count("connections", \.http.connections, 1...1_000_000, "Connections that are open at once."),
        seconds("header-seconds", \.http.headerSeconds, 1...3_600, "Seconds for the header of a request to arrive."),
        seconds(
            "idle-seconds",
            \.http.idleSeconds,
            1...86_400,
            "Seconds until a connection without a request, or whose client takes nothing, is closed."
        ),
        seconds(
            "body-seconds",
            \.http.bodySeconds,
            1...86_400,
            "Seconds in which a body must bring limits.body-progress-bytes."
        ),
        bytes(
            "body-progress-bytes",
            \.http.bodyProgressBytes,
            1...(1 << 30),
            "Bytes that a body must bring in each limits.body-seconds."
        ),
    ]

    private static let ssh: [LimitKey] = [
        count("ssh-connections", \.ssh.connections, 1...100_000, "SSH connections that are open at once."),
        count(
            "ssh-connections-per-address",
            \.ssh.connectionsPerAddress,
            1...100_000,
            "SSH connections of one IPv4 address or IPv6 /64 network."
        ),
        count(
            "ssh-connections-per-account",
            \.ssh.connectionsPerAccount,
            1...100_000,
            "SSH connections of one account or key."
        ),
        count(
            "ssh-pending-logins",
            \.ssh.pendingLogins,
            1...100_000,
            "SSH connections without a login; a further one takes the place of the oldest of the busiest address."
        ),
        count(
            "ssh-pending-logins-per-address",
            \.ssh.pendingLoginsPerAddress,
            1...100_000,
            "The same, of one address."
        ),
        count("ssh-channels", \.ssh.channels, 1...1_000, "Channels that are open at once on an SSH connection."),
        count("ssh-tries", \.ssh.tries, 1...100, "Keys that may be refused until an SSH connection ends."),
        seconds("ssh-login-seconds", \.ssh.loginSeconds, 1...3_600, "Seconds to log in by SSH."),
        seconds(
            "ssh-idle-seconds",
            \.ssh.idleSeconds,
            1...86_400,
            "Seconds until an SSH connection without a command ends."
        ),
        seconds(
            "ssh-stall-seconds",
            \.ssh.stallSeconds,
            1...86_400,
            "Seconds until a command over SSH ends whose client neither sends nor takes anything."
        ),
        seconds(
            "ssh-hook-seconds",
            \.ssh.hookSeconds,
            1...604_800,
            "Seconds until a push over SSH ends whose client runs its pre-push hook, which may send large files."
        ),
        seconds(
            "ssh-keepalive-seconds",
            \.ssh.keepaliveSeconds,
            1...86_400,
            "Seconds of silence until an SSH client is asked whether it lives; three unanswered questions end it."
        ),
    ]
}
