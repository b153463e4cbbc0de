import Foundation
import Images
import SharedMaterial
import Testing
import Training
import Weights

@Suite("BOLD5000", .enabled(if: SharedMaterial.isPresent))
struct BOLD5000DatasetTests {
    private let source: URL

    init() throws {
        source = try SharedMaterial.url("fixtures/data/bold")
    }

    private func load(_ normalization: BOLD5000Dataset.Normalization, _ folder: URL? = nil) throws -> BOLD5000Dataset {
        var options = BOLD5000Dataset.Options()
        options.normalization = normalization
        options.includesSingleTrials = true
        return try BOLD5000Dataset(contentsOf: folder ?? source, subject: "CSI1", options: options)
    }

    @Test("The default scales by the training trials, so that these have mean 0 and deviation 1")
    func trainingStatistics() throws {
        let moments = try load(.trainingStatistics).training.responses.moments
        #expect(abs(moments.mean) < 1e-6 && abs(moments.deviation - 1) < 1e-6)
        #expect(BOLD5000Dataset.Options().normalization == .trainingStatistics)
    }

    @Test("Jointly scaled, all trials together have mean 0 and deviation 1")
    func jointStatistics() throws {
        let dataset = try load(.jointStatistics)
        let trials = dataset.test.responses.selecting(
            rows: (0..<dataset.test.responses.rows).filter { dataset.test.isSingleTrial[$0] }
        )
        let moments = ResponseMatrix.stacked([dataset.training.responses, trials]).moments
        #expect(abs(moments.mean) < 1e-6 && abs(moments.deviation - 1) < 1e-6)
    }

    @Test("A test row is the mean of the trials of its image, and no trial is in both parts")
    func split() throws {
        let dataset = try load(.raw)
        let test = dataset.test
        for row in test.averagedRows {
            let image = test.imageIndices[row]
            let trials = (0..<test.responses.rows).filter { test.isSingleTrial[$0] && test.imageIndices[$0] == image }
            #expect(!trials.isEmpty)
            for (mean, value) in zip(test.responses.mean(ofRows: trials), test.responses[row]) {
                #expect(abs(mean - value) < 1e-6)
            }
        }
        #expect(Set(dataset.training.stimuli.names).isDisjoint(with: test.stimuli.names))
    }

    @Test("Raw responses are neither padded nor scaled")
    func raw() throws {
        let betas = source.appendingPathComponent("BOLD5000_GLMsingle_ROI_betas/py")
        let name = "CSI1_GLMbetas-TYPED-FITHRF-GLMDENOISE-RR_allses_LHEarlyVis.npy"
        let first = try NPY.read(path: betas.appendingPathComponent(name).path)
        let rows = try load(.raw).training.responses
        #expect(rows[0].prefix(first.shape[1]).elementsEqual(first.floats().prefix(first.shape[1])))
    }

    @Test("Images may be PNG files instead of a dictionary")
    func imageFolder() throws {
        let expected = try load(.raw)
        let folder = try ChangedCopy(of: source)
        let presented = "BOLD5000_Stimuli/Scene_Stimuli/Presented_Stimuli"
        try folder.remove("\(presented)/img_dict.npy")
        #expect { try load(.raw, folder.url) } throws: { ($0 as? DatasetError)?.code == .unknownName }
        for set in [expected.training.stimuli, expected.test.stimuli] {
            for (name, image) in zip(set.names, set.images) {
                let stem = name.split(separator: ".")[0]
                try PNG.write(image, to: folder.url.appendingPathComponent("\(presented)/\(stem).png"))
            }
        }
        #expect(try load(.raw, folder.url).training.stimuli.images == expected.training.stimuli.images)
    }

    @Test("Lists and responses that contradict each other give typed errors")
    func inconsistencies() throws {
        let folder = try ChangedCopy(of: source)
        let lists = "BOLD5000_Stimuli/Stimuli_Presentation_Lists/CSI1"
        try folder.remove("\(lists)/CSI1_sess02")
        #expect { try load(.raw, folder.url) } throws: { ($0 as? DatasetError)?.code == .inconsistent }
        #expect(throws: DatasetError.self) {
            try BOLD5000Dataset(contentsOf: source, subject: "CSI9")
        }
        let image = "BOLD5000_Stimuli/Scene_Stimuli/Presented_Stimuli/img_dict.npy"
        let other = try ChangedCopy(of: source)
        let data = try Data(contentsOf: source.appendingPathComponent(image))
        for length in stride(from: 0, to: data.count, by: 211) {
            try data.prefix(length).write(to: other.url.appendingPathComponent(image))
            #expect(throws: WeightsError.self) { try load(.raw, other.url) }
        }
    }
}
