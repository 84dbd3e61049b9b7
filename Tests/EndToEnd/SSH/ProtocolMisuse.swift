import GranaryTesting
import Testing

@Suite(
    "Breaking the rules of SSH",
    .serialized,
    .sharedServer,
    .enabled("paramiko is not installed; GRANARY_TEST_PYTHON may name an interpreter that has it") {
        await PythonScript.canImport("paramiko")
    }
)
struct ProtocolMisuse {
    /// The functions of `fixtures/ssh/misuse.py`; each says there what it does and what has to happen.
    private static let cases = [
        "data_before_exec", "exec_twice", "eof_before_exec", "close_before_exec", "exec_with_zero_bytes",
        "exec_that_is_not_text", "empty_exec", "long_exec", "variables_without_end",
        "protocol_variable_of_ten_kilobytes",
        "two_hundred_channels", "tiny_window", "senseless_packet_sizes", "small_packet_size", "other_channel_types",
        "port_forwarding", "refused_channel_requests", "global_requests", "signals_and_breaks",
        "channel_without_login", "false_success_before_login", "only_public_keys_are_offered", "passwords",
        "keyboard_interactive", "right_key_after_three_wrong_ones", "seven_wrong_keys", "false_signature",
        "signature_without_an_answer", "changing_the_user", "second_login", "messages_for_unknown_channels",
        "every_message_number",
        "new_keys_in_a_clone", "closing_in_a_clone",
    ]

    private func run(_ name: String, _ story: Story) async throws -> CommandResult {
        let key = try #require(story.owner.key)
        return try await PythonScript("misuse.py").run([
            name, "--port", "\(story.server.sshPort)", "--http-port", "\(story.server.httpPort)", "--key", key.path,
            "--path", story.repository.path + ".git",
        ])
    }

    private func expectHealthy(_ story: Story, since before: [String: String]) async throws {
        let list = try await story.ssh.list(story.repository)
        #expect(list.succeeded, "\(list)")
        try await story.expectUnchanged(since: before)
    }

    @Test(arguments: cases)
    func theServerAnswersAsItShouldAndGoesOn(name: String) async throws {
        let (story, _) = try await Story.common()
        let before = try await story.remoteRefs()
        let start = try story.server.measurements()
        let result = try await run(name, story)
        #expect(result.succeeded, "\(result)")
        try await expectHealthy(story, since: before)
        let freed = try await eventually(within: .seconds(40)) {
            let now = try story.server.measurements()
            return now.descriptors <= start.descriptors + 10 && now.threads <= start.threads + 8
        }
        #expect(freed, "descriptors or threads are left")
    }

    @Test func closingInAPushLeavesNothingBehind() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let before = try await story.remoteRefs()
        let result = try await run("closing_in_a_push", story)
        #expect(result.succeeded, "\(result)")
        try await expectHealthy(story, since: before)
    }

    /// The client sends 64 MiB without ever being allowed to, or asks without end and reads no answer.
    @Test(arguments: ["flood_beyond_the_window", "flood_of_requests", "flood_without_exec", "deaf_client"])
    func floodsCostBoundedMemory(name: String) async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let before = try await story.remoteRefs()
        let start = try story.server.measurements()
        try story.server.resetPeak()
        let result = try await run(name, story)
        #expect(result.succeeded, "\(result)")
        let peak = try story.server.measurements().peakResident
        #expect(peak < start.resident + (96 << 20), "peak \(peak >> 20) MiB, before \(start.resident >> 20) MiB")
        try await expectHealthy(story, since: before)
    }
}
