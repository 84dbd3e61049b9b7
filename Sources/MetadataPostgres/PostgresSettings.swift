package import Logging

/// How a driver behaves towards the server; times are in seconds.
package struct PostgresSettings: Sendable {
    /// How the server is reached.
    package var parameters: ConnectionParameters
    /// Connections that read at a time; one more writes, and one listens.
    package var readers = 8
    /// How long a transaction waits for those of other nodes.
    package var lockSeconds = 10
    /// How long one statement may take.
    package var statementSeconds = 60
    /// How long a transaction may lie between two statements before the server ends it, so that a node that stands still does
    /// not hold up the others.
    package var idleSeconds = 8
    /// How long work waits for a connection.
    package var queueSeconds = 30.0
    /// How many callers wait for a connection; more are refused at once.
    package var mostWaiting = 10_000
    /// How long a lost connection is tried again before the caller is told.
    package var reconnectSeconds = 5.0
    /// Told when the server is lost and found again.
    package var logger: Logger

    /// Settings with the usual times.
    package init(parameters: ConnectionParameters, logger: Logger) {
        self.parameters = parameters
        self.logger = logger
    }
}
