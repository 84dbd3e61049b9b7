import CLibSSH
import GitCore
import HubCore
import Logging
import Metrics

/// What libssh calls: all of it on the connection's thread, from inside `ssh_event_dopoll`.
///
/// Callbacks only look and note; whatever frees or closes happens after libssh has returned.
extension SSHConnection {
    /// Tells libssh whom to ask about keys and channels.
    func installServerCallbacks(_ callbacks: UnsafeMutablePointer<ssh_server_callbacks_struct>) {
        callbacks.pointee.size = MemoryLayout<ssh_server_callbacks_struct>.size
        callbacks.pointee.userdata = Unmanaged.passUnretained(self).toOpaque()
        callbacks.pointee.auth_pubkey_function = { _, user, key, state, owner in
            guard let connection = SSHConnection.from(owner), let user, let key else {
                return Int32(SSH_AUTH_DENIED.rawValue)
            }
            let answer = connection.authenticate(String(cString: user), key, state)
            return Int32(answer.rawValue)
        }
        callbacks.pointee.auth_none_function = { _, _, owner in
            SSHConnection.from(owner)?.noteEmptyLogin()
            return Int32(SSH_AUTH_DENIED.rawValue)
        }
        callbacks.pointee.channel_open_request_session_function = { _, owner in
            SSHConnection.from(owner)?.openChannel()
        }
        ssh_set_server_callbacks(session, callbacks)
        ssh_set_auth_methods(session, Int32(SSH_AUTH_METHOD_PUBLICKEY))
    }

    private static func from(_ owner: UnsafeMutableRawPointer?) -> SSHConnection? {
        owner.map { Unmanaged<SSHConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: Channels

    private func openChannel() -> OpaquePointer? {
        guard login != nil, end == nil, channels.count < surroundings.limits.channels else { return nil }
        let owner = Unmanaged.passUnretained(self).toOpaque()
        let channel = ExecChannel(session: session, wakeup: handle.wakeup, now: surroundings.now) { callbacks in
            callbacks.userdata = owner
            Self.setData(&callbacks)
            Self.setRequests(&callbacks)
        }
        guard let channel else { return nil }
        channels.append(channel)
        return channel.pointer
    }

    private func channel(_ pointer: OpaquePointer?) -> ExecChannel? {
        channels.first { $0.pointer == pointer }
    }

    private static func setData(_ callbacks: inout ssh_channel_callbacks_struct) {
        callbacks.channel_data_function = { _, pointer, data, count, isError, owner in
            // Nothing reads a client's standard error.
            guard isError == 0, let connection = SSHConnection.from(owner), let data,
                let channel = connection.channel(pointer)
            else { return Int32(bitPattern: count) }
            guard let taken = channel.receive(UnsafeRawBufferPointer(start: data, count: Int(count))) else {
                connection.end = .broken
                return Int32(bitPattern: count)
            }
            return Int32(taken)
        }
        callbacks.channel_eof_function = { _, pointer, owner in
            SSHConnection.from(owner)?.channel(pointer)?.hasEOF = true
        }
        callbacks.channel_close_function = { _, pointer, owner in
            SSHConnection.from(owner)?.channel(pointer)?.isClosedByClient = true
        }
    }

    private static func setRequests(_ callbacks: inout ssh_channel_callbacks_struct) {
        callbacks.channel_env_request_function = { _, pointer, name, value, owner in
            guard let channel = SSHConnection.from(owner)?.channel(pointer), channel.phase == .idle, let name,
                let value,
                String(cString: name) == "GIT_PROTOCOL"
            else { return refused }
            channel.gitProtocol = String(cString: value)
            return accepted
        }
        callbacks.channel_exec_request_function = { _, pointer, command, owner in
            guard let connection = SSHConnection.from(owner), let channel = connection.channel(pointer), let command
            else { return refused }
            return connection.start(Array(String(cString: command).utf8), on: channel) ? accepted : refused
        }
        callbacks.channel_shell_request_function = { _, pointer, owner in
            guard let connection = SSHConnection.from(owner), let channel = connection.channel(pointer) else {
                return refused
            }
            return connection.greet(on: channel) ? accepted : refused
        }
        callbacks.channel_subsystem_request_function = { _, pointer, _, owner in
            guard let connection = SSHConnection.from(owner), let channel = connection.channel(pointer) else {
                return refused
            }
            return connection.answer(
                "granary: subsystems such as sftp are not offered\n",
                status: SSHFailure.refused,
                on: channel
            ) ? accepted : refused
        }
    }

    /// Whether a channel can carry a command: the first on it, and packets of a size that makes sense.
    ///
    /// - Source: the shim of CLibSSH says why the size matters.
    private func canBegin(on channel: ExecChannel) -> Bool {
        guard login != nil, end == nil, channel.phase == .idle, !channel.isClosedByClient else { return false }
        let size = granary_ssh_channel_remote_maxpacket(channel.pointer)
        if size < 0 { surroundings.logger.error("this version of libssh is not known: no SSH command can be served") }
        return size >= Self.smallestPacket
    }

    /// RFC 4253 makes everybody take 32,768 bytes; a good deal less is still taken for an honest client.
    private static let smallestPacket: Int64 = 256

    private func start(_ command: [UInt8], on channel: ExecChannel) -> Bool {
        guard canBegin(on: channel), let login else { return false }
        guard !handle.isDraining else {
            return answer("granary: the server is stopping; try again\n", status: SSHFailure.refused, on: channel)
        }
        commandCount += 1
        let requestID = "\(name)-\(commandCount)"
        let log = CommandLog(
            login: login,
            client: handle.address,
            requestID: requestID,
            logger: surroundings.logger
        )
        let job = CommandJob(
            hub: surroundings.hub,
            login: login,
            command: command,
            gitProtocol: channel.gitProtocol,
            input: channel.input,
            output: channel.output,
            client: handle.address,
            requestID: requestID,
            httpBase: surroundings.http.base(localAddress: handle.localAddress),
            log: log
        )
        channel.phase = .running
        channel.task = Task { await job.run() }
        return true
    }

    private func greet(on channel: ExecChannel) -> Bool {
        guard let login else { return false }
        let text =
            "Hi \(login.name.singleLine(limit: 100))! You are logged in to Granary, which offers no shell. "
            + "Use git clone ssh://git@HOST:PORT/NAMESPACE/NAME.git\n"
        return answer(text, status: Self.greetingStatus, on: channel)
    }

    /// What `ssh git@host` without a command exits with.
    private static let greetingStatus: Int32 = 1

    /// Ends a channel with a text on standard error.
    private func answer(_ text: String, status: Int32, on channel: ExecChannel) -> Bool {
        guard canBegin(on: channel) else { return false }
        channel.phase = .running
        channel.output.writeError(text)
        channel.output.finish(status)
        return true
    }
}

/// What a request's callback answers.
private let accepted: Int32 = 0
private let refused: Int32 = 1
