import CLibSSH
import HubCore

/// What the time does to a connection.
extension SSHConnection {
    /// For the client to close what has been served when the server stops.
    private static let partingSeconds = 5.0

    /// Seconds since a moment of the connection's clock.
    func seconds(since moment: Int64) -> Double { Double(surroundings.now() - moment) / 1e9 }

    /// Milliseconds until time may be up for something.
    var timeout: Int32 {
        if reminder.isRunning { return 100 }
        if login == nil || channels.contains(where: { $0.phase == .running }) { return 1_000 }
        return handle.isDraining ? 100 : 15_000
    }

    /// Ends what has taken too long, and asks or reminds the client when it is time to.
    func checkTime() throws(End) {
        let limits = surroundings.limits
        guard login != nil else { return try checkLogin(limits) }
        if channels.contains(where: { $0.phase == .running }) {
            lastCommandAt = surroundings.now()
            for channel in channels {
                let allowed = channel.input.isBeforeFirst ? limits.hookSeconds : limits.stallSeconds
                guard let since = channel.waitingSince, seconds(since: since) > allowed else { continue }
                channel.abort(.stalled)
            }
        } else if handle.isDraining {
            // The last bytes are with the client once it has closed its channels.
            guard channels.contains(where: { $0.phase == .closing }),
                seconds(since: lastCommandAt) < Self.partingSeconds
            else { throw .stopping }
        } else if seconds(since: lastCommandAt) > limits.idleSeconds {
            throw .idle
        }
        remind()
        try checkLife(limits)
    }

    private func checkLogin(_ limits: SSHLimits) throws(End) {
        if handle.isDraining { throw .stopping }
        guard seconds(since: openedAt) < limits.loginSeconds else { throw .loginTime }
        silence.note(received: counters[1].in_bytes, sent: counters[1].out_packets, at: surroundings.now())
        if let since = silence.since, seconds(since: since) > Silence.limit { throw .signature }
    }

    /// Sends something meaningless to a client whose commands have ended.
    ///
    /// dbclient 2022.83 closes a channel after its last bytes are out, and then waits for a packet before it sees that no
    /// channel is left.
    private func remind() {
        let isQuiet = commandCount > 0 && !channels.contains { $0.phase == .running }
        if reminder.isDue(isQuiet: isQuiet, at: surroundings.now()) { ssh_send_ignore(session, "") }
    }

    /// Asks a silent client whether it lives.
    private func checkLife(_ limits: SSHLimits) throws(End) {
        keepalive.note(received: counters[1].in_bytes, at: surroundings.now())
        guard seconds(since: keepalive.lastSign) > limits.keepaliveSeconds else { return }
        guard keepalive.unanswered < Keepalive.limit else { throw .dead }
        keepalive.ask(at: surroundings.now())
        let sent = counters[1].out_packets
        ssh_send_keepalive(session)
        // The call after an answer only takes note of that; while an answer is awaited, libssh does not ask again.
        if counters[1].out_packets == sent { ssh_send_keepalive(session) }
    }
}
