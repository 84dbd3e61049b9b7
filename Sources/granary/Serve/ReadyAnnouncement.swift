import HubAPI

/// Says once, on standard error, that all listeners accept connections.
///
/// The line has a fixed form, which supervisors and tests may wait for:
/// `granary ready http=HOST:PORT ssh=HOST:PORT metrics=HOST:PORT`, with `off` for what is not served.
actor ReadyAnnouncement {
    private var http: String?
    private var metrics: String?
    private let ssh: String

    /// - Parameters:
    ///   - hasMetrics: whether the metrics listener is waited for.
    ///   - ssh: where SSH is served; its port is taken before anything else starts.
    init(hasMetrics: Bool, ssh: ListenAddress?) {
        metrics = hasMetrics ? nil : "off"
        self.ssh = ssh?.text ?? "off"
    }

    /// The main listener accepts connections.
    func http(listensOn address: ListenAddress) {
        http = address.text
        announce()
    }

    /// The metrics listener accepts connections.
    func metrics(listenOn address: ListenAddress) {
        metrics = address.text
        announce()
    }

    private func announce() {
        guard let http, let metrics else { return }
        Terminal.note("granary ready http=\(http) ssh=\(ssh) metrics=\(metrics)")
    }
}
