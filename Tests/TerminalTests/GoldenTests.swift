import Testing

@testable import Terminal

@Suite("The view of a recorded session")
struct GoldenTests {
    private func view(_ width: Int, _ height: Int) throws -> String {
        let recorded = try Recorded.session()
        let time = recorded.time + 0.5
        let canvas = WatchView.canvas(recorded.state, width: width, height: height, at: time, as: .letters)
        return canvas.lines.joined(separator: "\n")
    }

    @Test("has the most important numbers on the smallest screen")
    func smallest() throws {
        #expect(try view(40, 10) == Self.smallestScreen)
    }

    @Test("has everything on an ordinary screen")
    func ordinary() throws {
        #expect(try view(80, 24) == Self.ordinaryScreen)
    }

    @Test("has the image between the numbers on a narrow screen")
    func narrow() throws {
        #expect(try view(60, 45) == Self.narrowScreen)
    }

    private static let smallestScreen = """
        percept watch  ses-01 / run-1    running
        10 of 20 volumes  percept tcp://127.0.0…
        recording, 12 GiB free  status 0.5 s ago
        ─ Motion ──────────────────── volume 9 ─
                                            ▁▁█▁
        FD 0.05 mm  most 1.25 at 7  limit 0.50
        ─ Quality ──────────────────────────────
        DVARS 1.00 %  tSNR 45.2  spikes 0
        missing 2  received 10  processed 10
        q quits  messages 26  waiting: ingest 1…
        """

    private static let ordinaryScreen = """
        percept watch  ses-01 / run-1                                            running
        10 of 20 volumes  ━━━━━━━━━━━━━━━━────────────────  percept tcp://127.0.0.1:5560
        recording, 12 GiB free  bundle 01234567                         status 0.5 s ago
        ─ Motion ──────────────────────── volume 9 ─ ─ Reconstruction ──────────────────
        moved   x  +0.12  y  -0.25  z  +0.50 mm                 ..:--=++*##%@@@@@@@@@
        turned  x  +1.00  y  +0.00  z  -0.50 °                  ..:--=++*##%@@@@@@@@@
                                                  █             ..:--=++*##%@@@@@@@@@
        ┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈▁▂█▁            ..:--=++*##%@@@@@@@@@
        FD 0.05 mm  most 1.25 at 7  limit 0.50                 ..::--=++**##%%%%%%%%%
        ─ Quality ──────────────────────────────────   .........:::--==+++**#########
        DVARS 1.00 %  tSNR 45.2  spikes 0              ........:::----===+++*********
                                                ▂▂▂▁   ::::::::::-------=====++++++++
        missing 2  received 10  processed 10           ------------------------------
        recorded 9  late 0  dropped 0  refused 0       ----------------::::::::::::::
        flags 7 motion                                 ==========----::::....
        ─ Trials ──── 2 patterns, 2 images, 1 late ─   ++++++++==----::....
           1   16.0 s  face face_1.png late 20/20 !1   ++++++++==----::....
           0    4.0 s  face face_0.png         20/20   ++++++++==----::....
                                                       ++++++++==----::....
        ─ Latency (ms) ──────────── bar: TR 2.00 s ─ LATE  DOUBTFUL
        pattern         25    33    33    33 ▏······ trial 1  face  face_1.png
        volume          22    30    44    61 ▏······ 20 of 20 steps
        image         1000  2500  2500  2500 ███▌▒▒▒ took 2.5 s  1.5 s ago
        q quits  messages 26                               waiting: ingest 1  recorder 0
        """

    private static let narrowScreen = """
        percept watch  ses-01 / run-1                        running
        10 of 20 volumes  ━━━━━━──────  percept tcp://127.0.0.1:5560
        recording, 12 GiB free  bundle 01234567     status 0.5 s ago
        ─ Motion ──────────────────────────────────────── volume 9 ─
        moved   x  +0.12  y  -0.25  z  +0.50 mm
        turned  x  +1.00  y  +0.00  z  -0.50 °
                                                                  █
        ┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈┈▁▂▁█▁
        FD 0.05 mm  most 1.25 at 7  limit 0.50
        ─ Quality ──────────────────────────────────────────────────
        DVARS 1.00 %  tSNR 45.2  spikes 0
                                                               ▁▂▂▁▂
        missing 2  received 10  processed 10  recorded 9  late 0
        dropped 0  refused 0  duplicate 0
        flags 7 motion
        ─ Reconstruction ───────────────────────────────────────────
                                 .::-=+*##%@@@@@@@
                                 .::-=+*##%@@@@@@@
                                 .::-=+*##%@@@@@@@
                                 .::-=++*#%%@@@@@@
                          .......::--==++**#######
                          :::::::::---===+++++++++
                          :::::::----------=======
                          -------------:::::::::::
                          ========---:::...
                          ++++++==---::...
                          ++++++==---::...
                          ++++++==---::...
        LATE  DOUBTFUL
        trial 1  face  face_1.png
        20 of 20 steps  took 2.5 s  1.5 s ago
        ─ Trials ──────────────────── 2 patterns, 2 images, 1 late ─
           1   16.0 s  face face_1.png                 late 20/20 !1
                       announced after its onset
           0    4.0 s  face face_0.png                         20/20





        ─ Latency (ms) ──────────────────────────── bar: TR 2.00 s ─
        pattern           25    33    33    33 ▍····················
        volume            22    30    44    61 ▎····················
        image           1000  2500  2500  2500 ██████████▌▒▒▒▒▒▒▒▒▒▒
        q quits  messages 26           waiting: ingest 1  recorder 0
        """
}
