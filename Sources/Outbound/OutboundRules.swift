/// Where the hub may send requests that somebody else asked for.
///
/// Without a list that is the public internet, at the ports of the web and above 1023.
package struct OutboundRules: Sendable, Equatable, CustomStringConvertible {
    /// What an operator allows beyond that.
    enum Entry: Sendable, Equatable, CustomStringConvertible {
        /// Every host in a network.
        case network(IPNetwork)
        /// The host of this name, wherever it is.
        case host(String)
        /// The hosts whose names end so.
        case domain(String)

        init?(parsing text: String) {
            if let network = IPNetwork(parsing: text) {
                self = .network(network)
            } else if text.hasPrefix("*."), OutboundURL.isName(String(text.dropFirst(2))) {
                self = .domain(text.dropFirst().lowercased())
            } else if OutboundURL.isName(text) {
                self = .host(text.lowercased())
            } else {
                return nil
            }
        }

        var description: String {
            switch self {
            case .network(let network): network.description
            case .host(let name): name
            case .domain(let end): "*\(end)"
            }
        }
    }

    /// Why a request is not sent.
    package enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// It goes to an address that is not on the public internet, or is this machine's.
        case address
        /// It goes to a port below 1024 that is not the web's.
        case port

        /// One sentence, which names the rule and not what is there.
        package var description: String {
            switch self {
            case .address: "The host is not on the public internet, and the operator of this hub has not allowed it."
            case .port:
                "Ports below 1024 but 80 and 443 are not used, unless the operator of this hub has allowed the host."
            }
        }
    }

    private let entries: [Entry]

    /// Nothing beyond the public internet.
    package static let standard = OutboundRules(entries: [])

    private init(entries: [Entry]) {
        self.entries = entries
    }

    /// Reads networks (`10.0.0.0/8`), addresses, names and `*.domain`, with commas; nil for anything else.
    package init?(parsing text: String) {
        let words = text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false)
        let entries = words.compactMap { Entry(parsing: String($0)) }
        guard entries.count == words.count else { return nil }
        self.entries = entries
    }

    /// The text that `init(parsing:)` reads.
    package var description: String { entries.map(\.description).joined(separator: ",") }

    /// Decides about a host by all addresses that its name has: one good one does not excuse a bad one.
    ///
    /// - Parameter own: the addresses of this machine.
    /// - Returns: whether it is an inner host, which only the list allows.
    @discardableResult
    package func decide(
        host: String,
        port: Int,
        addresses: [IPAddress],
        own: Set<IPAddress>
    ) throws(Refusal) -> Bool {
        let isNamed = isNamed(host)
        let inner = addresses.filter { !$0.isPublic || own.contains($0) }
        guard isNamed || inner.allSatisfy(isListed) else { throw .address }
        let isOpen = port == 80 || port == 443 || port >= 1_024
        guard isOpen || isNamed || (!addresses.isEmpty && addresses.allSatisfy(isListed)) else { throw .port }
        return !inner.isEmpty
    }

    private func isNamed(_ host: String) -> Bool {
        entries.contains { entry in
            switch entry {
            case .network: false
            case .host(let name): name == host
            case .domain(let end): host.hasSuffix(end)
            }
        }
    }

    private func isListed(_ address: IPAddress) -> Bool {
        entries.contains { entry in
            if case .network(let network) = entry { network.contains(address) } else { false }
        }
    }
}
