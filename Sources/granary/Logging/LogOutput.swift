import Glibc
import Logging
import Synchronization

/// Where all log lines of the process go: standard error, one write per line, at a level that can change at run time.
final class LogOutput: Sendable {
    private let format: LogFormat
    private let threshold: Mutex<Logger.Level>
    private let descriptor: Int32
    /// Held while a line is written, so that lines of different threads never mix.
    private let turn = Mutex<Void>(())

    /// Writes lines of `format` to `descriptor`, which stays the caller's.
    init(format: LogFormat, level: Logger.Level, descriptor: Int32 = STDERR_FILENO) {
        self.format = format
        threshold = Mutex(level)
        self.descriptor = descriptor
    }

    /// The least severe level that is written; a change holds at once for every logger.
    var level: Logger.Level {
        get { threshold.withLock { $0 } }
        set { threshold.withLock { $0 = newValue } }
    }

    /// A logger that writes here.
    func logger(label: String) -> Logger { Logger(label: label, factory: { _ in LineLogHandler(output: self) }) }

    /// Writes one event.
    ///
    /// A line that cannot be written is dropped: there is nowhere left to complain, and serving goes on.
    func write(_ event: LogEvent, metadata: Logger.Metadata) {
        let line = LogLine(time: WallClock.now(), event: event, metadata: metadata)
        var text = line.text(as: format)
        turn.withLock { _ in
            text.withUTF8 { bytes in
                var rest = UnsafeRawBufferPointer(bytes)
                while !rest.isEmpty {
                    let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return }
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                }
            }
        }
    }
}

/// The swift-log end of a `LogOutput`.
struct LineLogHandler: LogHandler {
    private let output: LogOutput
    private var ownLevel: Logger.Level?
    /// Added to every event of this logger.
    var metadata: Logger.Metadata = [:]
    /// Adds what the current task carries, such as the request id.
    var metadataProvider: Logger.MetadataProvider?

    /// Writes to `output`.
    init(output: LogOutput) { self.output = output }

    /// The output's level, unless this logger was given its own.
    var logLevel: Logger.Level {
        get { ownLevel ?? output.level }
        set { ownLevel = newValue }
    }

    /// One entry of `metadata`.
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the event; its own metadata wins over the logger's, and the logger's over the task's.
    func log(event: LogEvent) {
        var merged = metadataProvider?.get() ?? [:]
        merged.merge(metadata) { _, new in new }
        if let error = event.error { merged["error"] = "\(error)" }
        if let own = event.metadata { merged.merge(own) { _, new in new } }
        output.write(event, metadata: merged)
    }
}
