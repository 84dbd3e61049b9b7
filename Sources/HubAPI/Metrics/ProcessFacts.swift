import Foundation

/// What the kernel says about this process, read from `/proc/self` when asked.
struct ProcessFacts {
    /// Seconds of CPU time, of user and kernel together.
    var cpuSeconds: Double?
    /// Bytes of memory in use.
    var residentBytes: Double?
    /// Open file descriptors.
    var openFiles: Double?
    /// Threads.
    var threads: Double?

    /// Reads the facts; those that cannot be read are nil.
    static func read() -> ProcessFacts {
        var facts = ProcessFacts()
        if let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8) { facts.take(stat: stat) }
        // The directory's own descriptor is among those listed.
        facts.openFiles = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map {
            Double($0.count) - 1
        }
        return facts
    }

    /// Reads the fields of proc_pid_stat(5) after the command's name, which may hold spaces and parentheses.
    mutating func take(stat: String) {
        guard let end = stat.lastIndex(of: ")") else { return }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 21 else { return }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        if let user = Double(fields[11]), let kernel = Double(fields[12]), ticks > 0 {
            cpuSeconds = (user + kernel) / ticks
        }
        threads = Double(fields[17])
        residentBytes = Double(fields[21]).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
    }

    /// The facts as metrics, under the names that Prometheus' own clients use.
    func write(to text: inout PrometheusText, uptimeSeconds: Double) {
        let gauges = [
            ("process_resident_memory_bytes", residentBytes), ("process_open_fds", openFiles),
            ("process_threads", threads),
            ("granary_uptime_seconds", uptimeSeconds),
        ]
        text.begin("process_cpu_seconds_total", kind: .counter)
        if let cpuSeconds { text.sample("process_cpu_seconds_total", "", PrometheusText.number(cpuSeconds)) }
        for (name, value) in gauges {
            guard let value else { continue }
            text.begin(name, kind: .gauge)
            text.sample(name, "", PrometheusText.number(value))
        }
    }
}
