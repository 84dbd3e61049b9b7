import HubAPI

/// Says once, on standard error, that all listeners accept connections.
///
/// The line has a fixed form, which supervisors and tests may wait for:
/// `granary ready http=HOST:PORT metrics=HOST:PORT`.
actor ReadyAnnouncement {
    private var http: String?
    private var metrics: String?

    /// - Parameter hasMetrics: whether a second listener is waited for.
    init(hasMetrics: Bool) { metrics = hasMetrics ? nil : "off" }

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
        Terminal.note("granary ready http=\(http) metrics=\(metrics)")
    }
}
