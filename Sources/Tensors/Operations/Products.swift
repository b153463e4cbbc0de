import CKernels

/// Rows and columns of one product that make one job.
private struct ProductPartition {
    let panelGroups: Int
    let rowGroups: Int
    let panels: Int
    let rowStep: Int

    init(_ product: percept_product, panelWidth: Int) {
        panels = (Int(product.columns) + panelWidth - 1) / panelWidth
        // The part of B that a job uses stays in the second-level cache.
        let cached = max(1, (384 << 10) / max(1, 4 * Int(product.inner) * panelWidth))
        panelGroups = max(1, (panels + cached - 1) / cached)
        let wanted = max(1, (Int(product.rows) + 191) / 192)
        let even = (Int(product.rows) + wanted - 1) / wanted
        rowStep = max(12, (even + 11) / 12 * 12)
        rowGroups = (Int(product.rows) + rowStep - 1) / rowStep
    }

    var jobs: Int { panelGroups * rowGroups }
}

extension Kernels {
    /// Panels that hold `columns` columns.
    func panels(columns: Int) -> Int {
        (columns + Int(table.panel_width) - 1) / Int(table.panel_width)
    }

    /// Floats in `columns` columns of packed B.
    func packedCount(inner: Int, columns: Int) -> Int {
        panels(columns: columns) * Int(table.panel_width) * inner
    }

    /// Packs B, whose element (k, n) is at `b + k·kStride + n·nStride`, into `panels`.
    func pack(
        _ b: UnsafePointer<Float>,
        kStride: Int,
        nStride: Int,
        inner: Int,
        columns: Int,
        into panels: UnsafeMutablePointer<Float>
    ) {
        let width = Int(table.panel_width)
        pool.run(count: (columns + width - 1) / width) { panel in
            packPanel(panel, b, kStride: kStride, nStride: nStride, inner: inner, columns: columns, into: panels)
        }
    }

    /// Packs one panel; see `pack`.
    func packPanel(
        _ panel: Int,
        _ b: UnsafePointer<Float>,
        kStride: Int,
        nStride: Int,
        inner: Int,
        columns: Int,
        into panels: UnsafeMutablePointer<Float>
    ) {
        let width = Int(table.panel_width)
        table.pack_panel(
            panels + panel * width * inner,
            b + panel * width * nStride,
            Int64(kStride),
            Int64(nStride),
            Int64(inner),
            Int64(min(width, columns - panel * width))
        )
    }

    /// Computes products that are independent of each other.
    func run(_ products: [percept_product]) {
        let partitions = products.map { ProductPartition($0, panelWidth: Int(table.panel_width)) }
        var firstJobs = [0]
        for partition in partitions { firstJobs.append(firstJobs[firstJobs.count - 1] + partition.jobs) }
        let uniform = partitions[0].jobs
        pool.run(count: firstJobs[firstJobs.count - 1]) { job in
            var index = min(job / uniform, products.count - 1)
            while firstJobs[index] > job { index -= 1 }
            while firstJobs[index + 1] <= job { index += 1 }
            let partition = partitions[index]
            let (panelGroup, rowGroup) = (job - firstJobs[index]).quotientAndRemainder(dividingBy: partition.rowGroups)
            var product = products[index]
            table.product(
                &product,
                Int64(rowGroup * partition.rowStep),
                min(product.rows, Int64((rowGroup + 1) * partition.rowStep)),
                Int64(panelGroup * partition.panels / partition.panelGroups),
                Int64((panelGroup + 1) * partition.panels / partition.panelGroups)
            )
        }
    }

    /// Runs one product on the calling thread.
    func runSerially(_ product: percept_product) {
        var product = product
        let width = table.panel_width
        table.product(&product, 0, product.rows, 0, (product.columns + width - 1) / width)
    }
}

extension percept_product {
    /// C [rows, columns] = A [rows, inner]·B.
    init(
        rows: Int,
        columns: Int,
        inner: Int,
        a: UnsafePointer<Float>,
        aStride: Int,
        b: UnsafePointer<Float>,
        c: UnsafeMutablePointer<Float>,
        cStride: Int
    ) {
        self.init()
        self.rows = Int64(rows)
        self.columns = Int64(columns)
        self.inner = Int64(inner)
        self.a = a
        a_stride = Int64(aStride)
        self.b = b
        self.c = c
        c_stride = Int64(cStride)
        scale = 1
    }
}
