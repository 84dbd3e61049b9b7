import HubCore
import ServiceLifecycle

/// Runs the hub's jobs until the server stops: they end after the listeners, so that what those cause last is begun.
struct JobService: Service {
    /// The hub's work that can wait.
    let jobs: Jobs

    func run() async {
        await cancelWhenGracefulShutdown { await jobs.run() }
    }
}
