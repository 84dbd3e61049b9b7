import ObjectStore
import Testing

/// The examples that AWS publishes for S3, all of 2013-05-24 with the same key.
@Suite struct SigV4Tests {
    private let signer = SigV4(
        credentials: S3Credentials(
            accessKey: "AKIAIOSFODNN7EXAMPLE",
            secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        ),
        region: "us-east-1",
        time: S3Time(seconds: 1_369_353_600)
    )

    private func request(_ method: String, _ path: String) -> SignableRequest {
        SignableRequest(method: method, host: "examplebucket.s3.amazonaws.com", path: path)
    }

    private func signature(_ request: SignableRequest) throws -> String? {
        try signer.authorize(request).first { $0.name == "Authorization" }?.value.split(separator: "=").last.map(
            String.init
        )
    }

    @Test func signsAGetOfARange() throws {
        var request = request("GET", "/test.txt")
        request.headers = [("range", "bytes=0-9")]
        #expect(
            try signature(request) == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        )
    }

    @Test func signsAPutWithItsBody() throws {
        var request = request("PUT", "/" + PercentEncoding.encode("test$file.text"))
        request.headers = [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]
        request.payloadHash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
        #expect(
            try signature(request) == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        )
    }

    @Test func signsAParameterWithoutValue() throws {
        var request = request("GET", "/")
        request.query = [("lifecycle", "")]
        #expect(
            try signature(request) == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        )
    }

    @Test func signsParametersInOrder() throws {
        var request = request("GET", "/")
        request.query = [("prefix", "J"), ("max-keys", "2")]
        #expect(
            try signature(request) == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        )
    }

    @Test func presignsAGet() throws {
        let query = try signer.presign(request("GET", "/test.txt"), expiresIn: 86_400)
        let expected = """
            X-Amz-Algorithm=AWS4-HMAC-SHA256\
            &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
            &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
            &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404
            """
        #expect(query == expected)
    }

    @Test func signsTheSessionToken() throws {
        let session = SigV4(
            credentials: S3Credentials(accessKey: "A", secretKey: "S", sessionToken: "to/ken=="),
            region: "eu-west-1",
            time: S3Time(seconds: 1_369_353_600)
        )
        let headers = try session.authorize(request("GET", "/"))
        #expect(headers.contains { $0.name == "x-amz-security-token" && $0.value == "to/ken==" })
        let authorization = headers.first { $0.name == "Authorization" }?.value
        #expect(
            authorization?.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,") == true
        )
        let query = try session.presign(request("GET", "/"), expiresIn: 60)
        #expect(query.contains("&X-Amz-Security-Token=to%2Fken%3D%3D&"))
    }

    @Test func boundsTheLifeOfAURL() throws {
        #expect(try signer.presign(request("GET", "/"), expiresIn: 0).contains("X-Amz-Expires=1&"))
        #expect(try signer.presign(request("GET", "/"), expiresIn: .max).contains("X-Amz-Expires=604800&"))
    }

    @Test func makesOneSpaceOfMany() {
        var request = request("GET", "/")
        request.headers = [("X-Two", "  a   b "), ("x-one", "1")]
        let lines = request.canonicalText.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[3...5] == ["host:examplebucket.s3.amazonaws.com", "x-one:1", "x-two:a b"])
        #expect(lines[6] == "")
    }

    @Test func credentialsPrintAsNothing() {
        let credentials = S3Credentials(accessKey: "access", secretKey: "secret", sessionToken: "token")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            for secret in ["access", "secret", "token"] { #expect(!text.contains(secret)) }
        }
    }
}

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("abcXYZ019-._~", "abcXYZ019-._~"), ("a b+c%d", "a%20b%2Bc%25d"), ("a/b//c", "a%2Fb%2F%2Fc"),
        ("\u{E4}\u{1F600}", "%C3%A4%F0%9F%98%80"), ("k=v&x", "k%3Dv%26x"), ("", ""),
    ])
    func encodesEverythingElse(_ text: String, _ encoded: String) {
        #expect(PercentEncoding.encode(text) == encoded)
    }

    @Test func keepsSlashesOfPaths() {
        #expect(PercentEncoding.encode("a b/c//d", keepingSlash: true) == "a%20b/c//d")
    }
}
