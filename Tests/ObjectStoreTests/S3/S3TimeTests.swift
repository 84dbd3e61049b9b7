import ObjectStore
import Testing

@Suite struct S3TimeTests {
    @Test func writesWhatIsSigned() {
        let time = S3Time(seconds: 1_369_353_600)
        #expect(time.basic == "20130524T000000Z")
        #expect(time.date == "20130524")
        #expect(S3Time(seconds: 951_827_696).basic == "20000229T123456Z")
    }

    @Test func readsListings() {
        #expect(S3Time(iso: "2013-05-24T00:00:00.000Z")?.seconds == 1_369_353_600)
        #expect(S3Time(iso: "2000-02-29T12:34:56Z")?.seconds == 951_827_696)
    }

    @Test func readsDates() {
        #expect(S3Time(http: "Fri, 24 May 2013 00:00:00 GMT")?.seconds == 1_369_353_600)
    }

    @Test(arguments: ["", "Z", "2013-05-24", "2013-13-24T00:00:00Z", "2013-05-24T25:00:00Z", "-1-05-24T00:00:00Z"])
    func refusesOtherText(_ text: String) {
        #expect(S3Time(iso: text) == nil)
        #expect(S3Time(http: text) == nil)
    }
}
