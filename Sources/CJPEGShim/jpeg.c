// libjpeg reports errors by leaving through a handler that must not return, which only C can do.
#include "CJPEGShim.h"
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

// A small file may claim any number of scans of a large image.
static const int most_scans = 200;

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf leave;
    char *message;
} errors;

static void leave(j_common_ptr image) {
    errors *handler = (errors *)image->err;
    char text[JMSG_LENGTH_MAX];
    handler->base.format_message(image, text);
    snprintf(handler->message, PERCEPT_JPEG_MESSAGE, "%s", text);
    longjmp(handler->leave, 1);
}

static void warn(j_common_ptr image, int level) {
    if (level >= 0) return;
    switch (image->err->msg_code) {
    // Nothing is lost by these.
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_ICC:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_TOO_MUCH_DATA: return;
    default: leave(image);
    }
}

static void print_nothing(j_common_ptr image) { (void)image; }

static void watch(j_common_ptr image) {
    if (((j_decompress_ptr)image)->input_scan_number <= most_scans) return;
    errors *handler = (errors *)image->err;
    snprintf(handler->message, PERCEPT_JPEG_MESSAGE, "more than %d scans", most_scans);
    longjmp(handler->leave, 1);
}

static void prepare(j_decompress_ptr image, errors *handler, char *message) {
    image->err = jpeg_std_error(&handler->base);
    handler->base.error_exit = leave;
    handler->base.emit_message = warn;
    handler->base.output_message = print_nothing;
    handler->message = message;
    message[0] = 0;
}

int percept_jpeg_read_header(const uint8_t *bytes, size_t count, percept_jpeg_header *header, char *message) {
    struct jpeg_decompress_struct image;
    errors handler;
    memset(&image, 0, sizeof image);
    prepare(&image, &handler, message);
    if (setjmp(handler.leave)) {
        jpeg_destroy_decompress(&image);
        return -1;
    }
    jpeg_create_decompress(&image);
    jpeg_mem_src(&image, bytes, count);
    jpeg_read_header(&image, TRUE);
    header->width = image.image_width;
    header->height = image.image_height;
    header->components = image.num_components;
    header->is_ink = image.jpeg_color_space == JCS_CMYK || image.jpeg_color_space == JCS_YCCK;
    jpeg_destroy_decompress(&image);
    return 0;
}

int percept_jpeg_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t size, char *message) {
    struct jpeg_decompress_struct image;
    struct jpeg_progress_mgr progress = {.progress_monitor = watch};
    errors handler;
    memset(&image, 0, sizeof image);
    prepare(&image, &handler, message);
    if (setjmp(handler.leave)) {
        jpeg_destroy_decompress(&image);
        return -1;
    }
    jpeg_create_decompress(&image);
    jpeg_mem_src(&image, bytes, count);
    jpeg_read_header(&image, TRUE);
    // A progressive image is held whole, in 16-bit coefficients.
    image.mem->max_memory_to_use = (long)(4 * size + (64 << 20));
    image.progress = &progress;
    image.out_color_space = JCS_RGB;
    jpeg_start_decompress(&image);
    size_t row = (size_t)image.output_width * 3;
    if (image.output_components != 3 || row * image.output_height != size) {
        snprintf(message, PERCEPT_JPEG_MESSAGE, "not an image of the size that was asked for");
        jpeg_destroy_decompress(&image);
        return -1;
    }
    while (image.output_scanline < image.output_height) {
        JSAMPROW line = pixels + image.output_scanline * row;
        jpeg_read_scanlines(&image, &line, 1);
    }
    jpeg_finish_decompress(&image);
    jpeg_destroy_decompress(&image);
    return 0;
}
