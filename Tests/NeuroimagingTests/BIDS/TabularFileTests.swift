import Foundation
import SharedMaterial
import Testing

@testable import Neuroimaging

@Suite("A table of text")
struct TabularFileTests {
    func table(_ text: String, hasHeader: Bool = true) throws -> TabularFile {
        try TabularFile(Array(text.utf8), name: "t.tsv", hasHeader: hasHeader)
    }

    /// What reading a text fails with.
    func failure(_ text: String) -> NeuroimagingError? {
        #expect(throws: NeuroimagingError.self) { try table(text) }
    }

    @Test("has a header and rows, with LF or CRLF, with or without a last line end, and with a byte order mark")
    func lineEnds() throws {
        for text in [
            "a\tb\n1\t2\n3\t4\n", "a\tb\r\n1\t2\r\n3\t4\r\n", "a\tb\n1\t2\n3\t4", "\u{FEFF}a\tb\n1\t2\n3\t4\n\n\r\n",
        ] {
            let table = try table(text)
            #expect(table.columns == ["a", "b"])
            #expect(table.rowCount == 2)
            #expect(try table.numbers(0) == [1, 3])
            #expect(table[1, 1] == "4")
        }
    }

    @Test("takes n/a and nothing for missing, and tells it from what is no number")
    func missing() throws {
        let table = try table("a\tb\nn/a\t\n 2.5 \tx\nNaN\t-1e-3\n")
        #expect(table.value(0, 0) == nil && table.value(0, 1) == nil)
        #expect(try table.number(0, 0) == nil)
        #expect(try table.number(1, 0) == 2.5)
        #expect(try table.number(2, 0)?.isNaN == true)
        #expect(try table.number(2, 1) == -0.001)
        let error = #expect(throws: NeuroimagingError.self) { try table.number(1, 1) }
        #expect(error?.subject == "t.tsv: line 3, column b")
    }

    @Test("names the line whose number of values differs from the header's")
    func rowLength() {
        #expect(failure("a\tb\n1\t2\n1\n")?.subject == "t.tsv: line 3")
        #expect(failure("a\tb\n1\t2\t3\n")?.subject == "t.tsv: line 2")
    }

    @Test("refuses what is no UTF-8 text, naming the line")
    func encoding() {
        let cases: [([UInt8], String)] = [
            (Array("a\nb".utf8) + [0xC3, 0x28], "line 2"), (Array("a\nb\n".utf8) + [0], "line 3"),
            ([0xFF, 0xFE, 97, 0], ""), ([0x1F, 0x8B, 8, 0], ""), ([0xED, 0xA0, 0x80], "line 1"),
        ]
        for (bytes, subject) in cases {
            let error = #expect(throws: NeuroimagingError.self) { try TabularFile(bytes) }
            #expect(error?.code == .malformed)
            #expect(error?.subject == subject)
        }
    }

    @Test("refuses an empty file, an empty header, columns of one name, lone carriage returns and lines left empty")
    func structure() {
        #expect(failure("")?.code == .truncated)
        #expect(failure("\n1\n")?.code == .malformed)
        #expect(failure("a\ta\n")?.detail.contains("twice") == true)
        #expect(failure("a\rb\n")?.detail.contains("carriage return") == true)
        #expect(failure("a\n1\n\n2\n")?.subject == "t.tsv: line 3")
    }

    @Test("reads quoted values with tabs and quotes, and refuses quotes that are not closed")
    func quotes() throws {
        let table = try table("a\tb\n\"x\ty\"\t\"say \"\"hi\"\"\"\n\"\"\tit\"s\n")
        #expect(table[0, 0] == "x\ty")
        #expect(table[0, 1] == "say \"hi\"")
        #expect(table[1, 0].isEmpty)
        #expect(table[1, 1] == "it\"s")
        #expect(failure("a\n\"x\n")?.subject == "t.tsv: line 2")
        #expect(failure("a\n\"x\"y\n")?.subject == "t.tsv: line 2")
    }

    @Test("is not read beyond its limits")
    func limits() {
        let text = Array("a\tb\tc\n1\t2\t3\n1\t2\t3\n".utf8)
        for limits in [
            TabularFile.Limits(bytes: 5), TabularFile.Limits(columns: 2), TabularFile.Limits(rows: 1),
        ] {
            #expect(throws: NeuroimagingError.self) { try TabularFile(text, limits: limits) }
        }
    }

    @Test("without a header has numbered columns")
    func headless() throws {
        let table = try table("1\t2\n3\t4\n", hasHeader: false)
        #expect(table.columns == ["1", "2"])
        #expect(try table.numbers(1) == [2, 4])
        #expect(table.line(1) == 2)
    }

    @Test("is read as it was written")
    func writing() throws {
        let rows: [[String?]] = [["1.5", nil], ["", "a\tb"], ["\"q", "n/a"], ["ä", "0"]]
        let table = try TabularFile(columns: ["x", "y"], rows: rows)
        let again = try TabularFile(table.content)
        for (index, row) in rows.enumerated() {
            #expect(again.value(index, 0) == (row[0] == "" ? nil : row[0]))
            #expect(again.value(index, 1) == (row[1] == "n/a" ? nil : row[1]))
        }
        #expect(try TabularFile(columns: ["x"], rows: [[""], ["1"]]).rowCount == 2)
        #expect(throws: NeuroimagingError.self) { try TabularFile(columns: ["x"], rows: [["a\nb"]]) }
        #expect(throws: NeuroimagingError.self) { try TabularFile(columns: ["x"], rows: [["a", "b"]]) }
    }

    @Test("writes numbers so that they read back the same")
    func numberTexts() {
        #expect(TabularFile.text(nil) == nil && TabularFile.text(.nan) == nil)
        #expect(TabularFile.text(3) == "3" && TabularFile.text(-0.1) == "-0.1")
        for number in [1e300, -1e15, .infinity, 0.1 + 0.2, 0x1p-1074] {
            #expect(TabularFile.text(number).flatMap { Double($0) } == number)
        }
    }

    @Test(
        "holds the confounds of fMRIPrep",
        .enabled(if: SharedMaterial.isPresent, "\(SharedMaterial.missing)")
    )
    func confounds() throws {
        let folder = try SharedMaterial.url("data/confounds-events/nilearn/nilearn/interfaces/fmriprep/data")
        let url = folder.appendingPathComponent("test-v21_desc-confounds_timeseries.tsv")
        let table = try TabularFile(contentsOf: url)
        #expect(table.columns.count == 84 && table.rowCount == 30)
        let signal = try table.numbers(try #require(table.column("global_signal")))
        #expect(signal[0] == 13240.013805221755)
        #expect(try table.numbers(try #require(table.column("framewise_displacement"))).first?.isNaN == true)
    }

    @Test("that is not there is reported as such")
    func absent() {
        let url = URL(fileURLWithPath: "/nonexistent/x.tsv")
        let error = #expect(throws: NeuroimagingError.self) { try TabularFile(contentsOf: url) }
        #expect(error?.code == .missing)
    }
}
