import Glibc

/// A thread of our own for work that blocks, with a stack of a stated size.
package enum DetachedThread {
    /// Starts a thread that runs `body` and ends with it.
    ///
    /// - Parameter stackBytes: memory is used only as far as the stack is.
    /// - Returns: false when the system gives no thread; `body` is then never run.
    package static func start(stackBytes: Int, _ body: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
        defer { attributes.deallocate() }
        pthread_attr_init(attributes)
        defer { pthread_attr_destroy(attributes) }
        pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(attributes, stackBytes)
        let work = Unmanaged.passRetained(Work(body))
        let result = pthread_create(
            &thread,
            attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            work.toOpaque()
        )
        if result != 0 { work.release() }
        return result == 0
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
