#pragma once
#include <curl/curl.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <unistd.h>

// curl_easy_setopt and curl_easy_getinfo are variadic: one function an argument type.
static inline CURLcode curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
/// libcurl copies the text (except for CURLOPT_POSTFIELDS, which is not used).
static inline CURLcode curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
typedef size_t (*curl_data_function)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode curl_set_data_function(CURL *handle, CURLoption option, curl_data_function function) {
    return curl_easy_setopt(handle, option, function);
}
typedef int (*curl_seek_function)(void *context, curl_off_t offset, int origin);
static inline CURLcode curl_set_seek_function(CURL *handle, curl_seek_function function) {
    return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, function);
}
static inline CURLcode curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode curl_get_pointer(CURL *handle, CURLINFO info, char **value) {
    return curl_easy_getinfo(handle, info, value);
}

/// Whether an IPv4 address (host order) belongs to the public Internet (IANA special-purpose registry).
static inline int curl_is_public_ipv4(unsigned int a) {
    return !((a >> 24) == 0 || (a >> 24) == 10 || (a >> 24) == 127 || (a >> 28) >= 14 /* multicast, reserved */
             || (a >> 22) == (0x64400000u >> 22) /* 100.64/10 */ || (a >> 16) == 0xA9FE /* 169.254/16 */
             || (a >> 20) == (0xAC100000u >> 20) /* 172.16/12 */ || (a >> 16) == 0xC0A8 /* 192.168/16 */
             || (a >> 8) == 0xC00000 /* 192.0.0/24 */ || (a >> 8) == 0xC00002 || (a >> 8) == 0xC63364
             || (a >> 8) == 0xCB0071 /* documentation */ || (a >> 17) == (0xC6120000u >> 17) /* 198.18/15 */);
}

static inline unsigned int curl_ipv4_at(const unsigned char *b) {
    return (unsigned int)b[0] << 24 | (unsigned int)b[1] << 16 | (unsigned int)b[2] << 8 | b[3];
}

/// Whether a resolved address belongs to the public Internet; addresses with an IPv4 address inside (mapped, NAT64,
/// 6to4) are judged by that one.
static inline int curl_is_public_address(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return curl_is_public_ipv4(ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr));
    if (address->sa_family != AF_INET6)
        return 0;
    const unsigned char *b = ((const struct sockaddr_in6 *)address)->sin6_addr.s6_addr;
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    static const unsigned char nat64[12] = {0, 0x64, 0xFF, 0x9B};
    int is_mapped = 1, is_nat64 = 1;
    for (int i = 0; i < 12; i++) {
        is_mapped &= b[i] == mapped[i];
        is_nat64 &= b[i] == nat64[i];
    }
    if (is_mapped || is_nat64)
        return curl_is_public_ipv4(curl_ipv4_at(b + 12));
    if (b[0] == 0x20 && b[1] == 0x02)
        return curl_is_public_ipv4(curl_ipv4_at(b + 2));
    if (b[0] == 0x20 && b[1] == 0x01 && (b[2] | b[3]) == 0)
        return 0; // Teredo
    if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0D && b[3] == 0xB8)
        return 0; // documentation
    return (b[0] & 0xE0) == 0x20; // 2000::/3, the only global unicast there is
}

/// The addresses that a transfer wanted to connect to.
typedef struct {
    int allowed, refused;
} curl_address_counts;

static inline curl_socket_t curl_open_public(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
    curl_address_counts *counts = context;
    (void)purpose;
    if (!curl_is_public_address(&address->addr)) {
        counts->refused++;
        return CURL_SOCKET_BAD;
    }
    counts->allowed++;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Refuses every address outside the public Internet, after each redirect and name look-up; `counts` outlives the handle.
static inline CURLcode curl_set_public_only(CURL *handle, curl_address_counts *counts) {
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, counts);
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, curl_open_public);
}
