#pragma once
// libvips (ABI 42), opened at run time by the confined process alone: the service itself stays free of its hundred libraries
// and of the 40 ms that linking them takes. The prototypes are those of vips/*.h 8.14; options end with NULL.
#include <dlfcn.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

typedef struct vips_image_s vips_image;

enum { VIPS_SHIM_DOWN_ONLY = 2, VIPS_SHIM_FAIL_ON_TRUNCATED = 1, VIPS_SHIM_SRGB = 22 };

typedef struct {
    int (*init)(const char *);
    const char *(*error_buffer)(void);
    void (*error_clear)(void);
    void (*concurrency_set)(int);
    void (*cache_set_max)(int);
    void (*operation_block_set)(const char *, int);
    const char *(*foreign_find_load)(const char *);
    const char *(*foreign_find_save)(const char *);
    vips_image *(*image_new_from_file)(const char *, ...);
    int (*image_get_width)(const vips_image *);
    int (*image_get_height)(const vips_image *);
    int (*image_get_n_pages)(vips_image *);
    int (*image_get_page_height)(vips_image *);
    int (*image_get_orientation)(vips_image *);
    int (*image_hasalpha)(vips_image *);
    char **(*image_get_fields)(const vips_image *);
    int (*image_remove)(vips_image *, const char *);
    void (*g_strfreev)(char **);
    unsigned long (*image_get_typeof)(const vips_image *, const char *);
    int (*black)(vips_image **, int, int, ...);
    int (*thumbnail)(const char *, vips_image **, int, ...);
    int (*thumbnail_image)(vips_image *, vips_image **, int, ...);
    int (*colourspace)(vips_image *, vips_image **, int, ...);
    int (*flatten)(vips_image *, vips_image **, ...);
    vips_image *(*image_copy_memory)(vips_image *);
    int (*jpegsave)(vips_image *, const char *, ...);
    int (*webpsave)(vips_image *, const char *, ...);
    void *(*image_write_to_memory)(vips_image *, size_t *);
    void *(*array_double_newv)(int, ...);
    void (*area_unref)(void *);
    void (*g_object_unref)(void *);
    void (*g_free)(void *);
} vips_api;

/// Opens the library and fills in the functions; the name of what is missing, or NULL.
static inline const char *vips_api_open(vips_api *api) {
    void *library = dlopen("libvips.so.42", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return "libvips.so.42";
    struct { void *place; const char *name; } wanted[] = {
        {&api->init, "vips_init"},
        {&api->error_buffer, "vips_error_buffer"},
        {&api->error_clear, "vips_error_clear"},
        {&api->concurrency_set, "vips_concurrency_set"},
        {&api->cache_set_max, "vips_cache_set_max"},
        {&api->operation_block_set, "vips_operation_block_set"},
        {&api->foreign_find_load, "vips_foreign_find_load"},
        {&api->foreign_find_save, "vips_foreign_find_save"},
        {&api->image_new_from_file, "vips_image_new_from_file"},
        {&api->image_get_width, "vips_image_get_width"},
        {&api->image_get_height, "vips_image_get_height"},
        {&api->image_get_n_pages, "vips_image_get_n_pages"},
        {&api->image_get_page_height, "vips_image_get_page_height"},
        {&api->image_get_orientation, "vips_image_get_orientation"},
        {&api->image_hasalpha, "vips_image_hasalpha"},
        {&api->image_get_fields, "vips_image_get_fields"},
        {&api->image_remove, "vips_image_remove"},
        {&api->g_strfreev, "g_strfreev"},
        {&api->image_get_typeof, "vips_image_get_typeof"},
        {&api->black, "vips_black"},
        {&api->thumbnail, "vips_thumbnail"},
        {&api->thumbnail_image, "vips_thumbnail_image"},
        {&api->colourspace, "vips_colourspace"},
        {&api->flatten, "vips_flatten"},
        {&api->image_copy_memory, "vips_image_copy_memory"},
        {&api->jpegsave, "vips_jpegsave"},
        {&api->webpsave, "vips_webpsave"},
        {&api->image_write_to_memory, "vips_image_write_to_memory"},
        {&api->array_double_newv, "vips_array_double_newv"},
        {&api->area_unref, "vips_area_unref"},
        {&api->g_object_unref, "g_object_unref"},
        {&api->g_free, "g_free"},
    };
    for (size_t index = 0; index < sizeof wanted / sizeof *wanted; index++) {
        void *symbol = dlsym(library, wanted[index].name);
        if (symbol == NULL) return wanted[index].name;
        *(void **)wanted[index].place = symbol;
    }
    return NULL;
}

/// Reads the file scaled into the box, never larger than it is, upright; in sRGB when it has a profile and `profiled` says
/// so. A file that breaks off is an error.
static inline int vips_api_thumbnail(const vips_api *api, const char *file, vips_image **out, int box, int profiled) {
    if (!profiled)
        return api->thumbnail(file, out, box, "height", box, "size", VIPS_SHIM_DOWN_ONLY, "fail_on",
                              VIPS_SHIM_FAIL_ON_TRUNCATED, NULL);
    return api->thumbnail(file, out, box, "height", box, "size", VIPS_SHIM_DOWN_ONLY, "fail_on",
                          VIPS_SHIM_FAIL_ON_TRUNCATED, "export_profile", "srgb", NULL);
}

/// Has the library make what the first image of a process would wait for: the classes of readers, writers and operations. Makes
/// no pixels, and so no threads.
static inline void vips_api_warm_up(const vips_api *api, const char *any_file) {
    vips_image *black = NULL, *small = NULL, *colours = NULL, *flat = NULL;
    api->foreign_find_load(any_file);
    api->foreign_find_save("x.jpg");
    api->foreign_find_save("x.webp");
    if (api->black(&black, 1000, 1000, "bands", 4, NULL) == 0 &&
        api->thumbnail_image(black, &small, 500, "height", 500, NULL) == 0 &&
        api->colourspace(small, &colours, VIPS_SHIM_SRGB, NULL) == 0)
        api->flatten(colours, &flat, NULL);
    vips_image *all[] = {flat, colours, small, black};
    for (int index = 0; index < 4; index++)
        if (all[index] != NULL) api->g_object_unref(all[index]);
    api->error_clear();
}

/// The image scaled into the box, never larger than it is.
static inline int vips_api_shrink(const vips_api *api, vips_image *in, vips_image **out, int width, int height) {
    return api->thumbnail_image(in, out, width, "height", height, "size", VIPS_SHIM_DOWN_ONLY, NULL);
}

/// The image with three or four bands of 8 bits.
static inline int vips_api_srgb(const vips_api *api, vips_image *in, vips_image **out) {
    return api->colourspace(in, out, VIPS_SHIM_SRGB, NULL);
}

/// The image on white.
static inline int vips_api_flatten(const vips_api *api, vips_image *in, vips_image **out) {
    void *white = api->array_double_newv(3, 255.0, 255.0, 255.0);
    int code = api->flatten(in, out, "background", white, NULL);
    api->area_unref(white);
    return code;
}

static inline int vips_api_save_jpeg(const vips_api *api, vips_image *in, const char *file, int quality) {
    return api->jpegsave(in, file, "Q", quality, "strip", 1, "optimize_coding", 1, NULL);
}

/// Writes WebP. Of the metadata only what makes an image move is kept: `strip` alone leaves EXIF
/// and GPS in WebP (8.14); what is written then is a new EXIF of the size alone.
static inline int vips_api_save_webp(const vips_api *api, vips_image *in, const char *file, int quality, int effort) {
    char **names = api->image_get_fields(in);
    for (int index = 0; names != NULL && names[index] != NULL; index++) {
        const char *name = names[index];
        if (strncmp(name, "exif-", 5) == 0 || strncmp(name, "iptc-", 5) == 0 || strncmp(name, "xmp-", 4) == 0 ||
            strncmp(name, "icc-", 4) == 0 || strcmp(name, "orientation") == 0)
            api->image_remove(in, name);
    }
    api->g_strfreev(names);
    return api->webpsave(in, file, "Q", quality, "effort", effort, "strip", 1, NULL);
}

static inline vips_image *vips_api_open_file(const vips_api *api, const char *file) {
    return api->image_new_from_file(file, NULL);
}

static inline double vips_api_power(double base, double exponent) { return pow(base, exponent); }
static inline double vips_api_cosine(double angle) { return cos(angle); }
