import Access
package import HTTPTypes

/// All operations of the API by method and path.
///
/// Built once. Where several templates fit, a literal segment is preferred to a type, a type to a parameter, and a
/// parameter to a rest.
package struct RouteTable: Sendable {
    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var type: Int?
        var parameter: Int?
        var rest: [HTTPRequest.Method: Place] = [:]
        var operations: [HTTPRequest.Method: Place] = [:]
    }

    private struct Place: Sendable {
        let operation: Int
        let template: PathTemplate
    }

    /// What was found for a path.
    package enum Match: Sendable {
        /// An operation, the template that fits, and the decoded parameters by name.
        case operation(APIOperation, PathTemplate, [String: String])
        /// The path has operations for these methods only.
        case otherMethods([HTTPRequest.Method])
        /// No operation has such a path.
        case none
    }

    /// The operations, in the order in which they were declared.
    package let operations: [APIOperation]
    private var nodes = [Node()]

    /// A table of operations; two of one method and template, or of one id, are a mistake in our source that a test finds.
    package init(_ operations: [APIOperation]) {
        self.operations = operations
        for (index, operation) in operations.enumerated() {
            for template in operation.paths { insert(template, operation.method, index) }
        }
    }

    private mutating func insert(_ template: PathTemplate, _ method: HTTPRequest.Method, _ index: Int) {
        let place = Place(operation: index, template: template)
        var node = 0
        for part in template.parts {
            switch part {
            case .literal(let text): node = child(of: node, nodes[node].literals[text]) { $0.literals[text] = $1 }
            case .repositoryType: node = child(of: node, nodes[node].type) { $0.type = $1 }
            case .parameter: node = child(of: node, nodes[node].parameter) { $0.parameter = $1 }
            case .rest:
                nodes[node].rest[method] = place
                return
            }
        }
        nodes[node].operations[method] = place
    }

    private mutating func child(of node: Int, _ known: Int?, _ link: (inout Node, Int) -> Void) -> Int {
        if let known { return known }
        nodes.append(Node())
        link(&nodes[node], nodes.count - 1)
        return nodes.count - 1
    }

    /// Finds the operation of a request; GET operations answer HEAD, too.
    ///
    /// - Parameter segments: of the path after its leading slash, decoded.
    package func match(_ method: HTTPRequest.Method, _ segments: ArraySlice<String>) -> Match {
        var search = Search(method: method == .head ? .get : method)
        guard let place = find(segments, 0, &search) else {
            let methods = search.otherMethods.sorted { $0.rawValue < $1.rawValue }
            return methods.isEmpty ? .none : .otherMethods(methods.contains(.get) ? methods + [.head] : methods)
        }
        let values = Dictionary(zip(place.template.names, search.values)) { first, _ in first }
        return .operation(operations[place.operation], place.template, values)
    }

    private struct Search {
        let method: HTTPRequest.Method
        var values: [String] = []
        var otherMethods: Set<HTTPRequest.Method> = []

        mutating func choose(_ places: [HTTPRequest.Method: Place]) -> Place? {
            if let place = places[method] { return place }
            otherMethods.formUnion(places.keys)
            return nil
        }
    }

    /// Its recursion is as deep as the deepest template.
    private func find(_ segments: ArraySlice<String>, _ index: Int, _ search: inout Search) -> Place? {
        let node = nodes[index]
        guard let segment = segments.first else { return search.choose(node.operations) }
        let rest = segments.dropFirst()
        if let next = node.literals[segment], let place = find(rest, next, &search) { return place }
        let depth = search.values.count
        let isType = node.type != nil && RepositoryType(pathSegment: segment) != nil
        for next in [isType ? node.type : nil, segment.isEmpty ? nil : node.parameter].compactMap(\.self) {
            search.values.append(segment)
            if let place = find(rest, next, &search) { return place }
            search.values.removeSubrange(depth...)
        }
        guard !node.rest.isEmpty, let place = search.choose(node.rest) else { return nil }
        search.values.append(segments.joined(separator: "/"))
        return place
    }
}
