import Metadata
import MetadataPostgres
import Testing

@Suite struct ConnectionParametersTests {
    @Test(arguments: [
        ("postgres://granary@db.example.org:5433/hub", "db.example.org:5433/hub", true, false),
        ("postgres://granary@db.example.org/hub?sslmode=require", "db.example.org/hub", false, false),
        ("postgres://granary@db.example.org/hub?sslmode=verify-full", "db.example.org/hub", true, false),
        ("postgres://granary@127.0.0.1/hub", "127.0.0.1/hub", false, true),
        ("postgres://granary@localhost,db.example.org/hub", "localhost,db.example.org/hub", true, false),
        ("postgres://granary@/hub?host=/run/postgresql", "/run/postgresql/hub", false, true),
    ])
    func verifiesServersElsewhereUnlessToldOtherwise(_ url: String, _ text: String, _ verifies: Bool, _ isHere: Bool)
        throws
    {
        let parameters = try ConnectionParameters(reading: url)
        #expect(parameters.description == text)
        #expect(parameters.verifiesServer == verifies)
        #expect(parameters.staysOnThisMachine == isHere)
    }

    @Test(arguments: ["postgres://granary:swordfish@db/hub", "host=db password=swordfish dbname=hub"])
    func tellsNobodyThePassword(_ text: String) throws {
        let parameters = try ConnectionParameters(reading: text)
        #expect(parameters.hasPassword)
        #expect(!parameters.description.contains("swordfish"))
    }

    @Test(arguments: ["postgres://a:swordfish@[::1/hub", "postgres://a:swordfish@db/hub?nonsense=1", "host='swordfish"])
    func doesNotRepeatWhatItCannotRead(_ text: String) {
        let error = #expect(throws: MetadataError.self) { try ConnectionParameters(reading: text) }
        #expect(!"\(String(describing: error))".contains("swordfish"))
    }
}
