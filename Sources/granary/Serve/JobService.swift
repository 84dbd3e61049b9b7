import HubCore
import ServiceLifecycle

/// Runs the hub's jobs until the server stops: they end after the listeners, so that what those cause last is begun.
struct JobService: Service {
    /// The hub whose work that can wait it is.
    let hub: Hub

    func run() async {
        await cancelWhenGracefulShutdown {
            async let downloads: Void = hub.catalogue.downloads.run()
            await hub.jobs.run()
            await downloads
        }
    }
}
