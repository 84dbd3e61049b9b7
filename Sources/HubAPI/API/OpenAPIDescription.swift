import HTTPTypes
package import JSON

/// The description of the API, made from the route table, so that it cannot tell anything else.
///
/// - Source: OpenAPI Specification 3.1.0.
package struct OpenAPIDescription {
    /// The document.
    package let json: JSONValue

    /// Describes operations.
    ///
    /// - Parameter version: of the program.
    package init(_ operations: [APIOperation], version: String) {
        var paths: [(path: String, methods: [JSONValue.Member])] = []
        var places: [String: Int] = [:]
        for operation in operations {
            for (index, template) in operation.paths.enumerated() {
                let path = template.description
                let member = JSONValue.Member(
                    operation.method.rawValue.lowercased(),
                    Self.describe(operation, template, isAlias: index > 0)
                )
                if let place = places[path] {
                    paths[place].methods.append(member)
                } else {
                    places[path] = paths.count
                    paths.append((path, [member]))
                }
            }
        }
        json = [
            "openapi": "3.1.0",
            "info": ["title": "Granary", "version": .string(version)],
            "tags": .array(APIOperation.Tag.allCases.map { ["name": .string($0.rawValue)] }),
            "paths": .object(paths.map { JSONValue.Member($0.path, .object($0.methods)) }),
            "components": Self.components,
        ]
    }

    private static let components: JSONValue = [
        "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
        "schemas": [
            "Error": ["type": "object", "properties": ["error": ["type": "string"]], "required": ["error"]]
        ],
    ]

    private static func describe(_ operation: APIOperation, _ template: PathTemplate, isAlias: Bool) -> JSONValue {
        let open: JSONValue = [[:], ["token": []]]
        let closed: JSONValue = [["token": []]]
        let isOpen = [.nothing, .readRepository, .readContent].contains(operation.need)
        let description: JSONValue = [
            "operationId": .string(isAlias ? "\(operation.id)OfType" : operation.id),
            "summary": .string(operation.summary),
            "tags": [.string(operation.tag.rawValue)],
            "x-need": .string(operation.need.rawValue),
            "security": isOpen ? open : closed,
            "parameters": .array(template.names.map(parameter) + operation.query.map(parameter)),
            "responses": responses(operation, template),
        ]
        return description.adding("requestBody", ifThere: content(operation.body).map { ["content": $0] })
    }

    private static func parameter(_ name: String) -> JSONValue {
        let schema: JSONValue = name == PathTemplate.repositoryType ? repositoryTypes : ["type": "string"]
        return ["name": .string(name), "in": "path", "required": true, "schema": schema]
    }

    private static let repositoryTypes: JSONValue = [
        "type": "string", "enum": ["models", "datasets", "spaces", "codes", "mcpservers", "skills"],
    ]

    private static func parameter(_ parameter: APIOperation.Parameter) -> JSONValue {
        let schema = parameter.isRepeated ? APISchema.array(parameter.schema) : parameter.schema
        return [
            "name": .string(parameter.name), "in": "query", "description": .string(parameter.summary),
            "required": false, "schema": schema.json,
        ]
    }

    /// The declared answers, and the errors that every operation may have.
    private static func responses(_ operation: APIOperation, _ template: PathTemplate) -> JSONValue {
        let errors = [
            307: "The repository has another address now.", 400: "The request makes no sense.",
            401: "Credentials are needed, or wrong.", 403: "The account or token may not.",
            404: "It does not exist, or the asker may not know that it does.", 408: "The body arrived too slowly.",
            409: "Something is in the way.", 412: "The parent commit is not the head.",
            413: "The request is too large.", 414: "The path is too long.", 415: "The body has another type.",
            416: "The range is not satisfiable.", 422: "The request cannot be carried out.",
            429: "Too many requests.", 501: "Nothing here does that.", 503: "The hub cannot do it now.",
            507: "A quota or the disk is full.",
        ]
        let declared = operation.answers.sorted { $0.key < $1.key }.map { status, body in
            let answer: JSONValue = ["description": .string(HTTPResponse.Status(code: status).reasonPhrase)]
            return JSONValue.Member(String(status), answer.adding("content", ifThere: answered(body)))
        }
        let errorContent = template.description.hasPrefix("/api/") ? Self.errorContent : Self.errorOrTextContent
        let refused = errors.sorted { $0.key < $1.key }.filter { operation.answers[$0.key] == nil }
            .map { JSONValue.Member(String($0.key), ["description": .string($0.value), "content": errorContent]) }
        return .object(declared + refused)
    }

    private static let errorContent: JSONValue = [
        "application/json": ["schema": ["$ref": "#/components/schemas/Error"]]
    ]

    /// A path outside the API that begins with no type of repository is none of it, and is answered in text.
    private static let errorOrTextContent = errorContent.adding("text/plain", ["schema": ["type": "string"]])

    /// Bytes are answered with the type of the file.
    private static func answered(_ body: APIOperation.Body) -> JSONValue? {
        if case .bytes = body { return ["*/*": [:]] }
        return content(body)
    }

    private static func content(_ body: APIOperation.Body) -> JSONValue? {
        switch body {
        case .none: nil
        case .json(let schema): ["application/json": ["schema": schema.json]]
        case .jsonOrForm(let schema):
            [
                "application/json": ["schema": schema.json],
                "application/x-www-form-urlencoded": ["schema": schema.json],
            ]
        case .lines: ["application/x-ndjson": ["schema": ["type": "string"]]]
        case .text: ["text/plain": ["schema": ["type": "string"]]]
        case .bytes: ["application/octet-stream": [:]]
        }
    }
}
