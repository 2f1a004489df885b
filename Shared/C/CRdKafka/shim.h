#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

/// rd_kafka_produceva with a topic handle (a name costs 0.6 s the first time), copied key and value, and headers that
/// the message takes over. On an error the caller still owns `headers`. A null key or value is Kafka's null.
static inline rd_kafka_resp_err_t
rdkafka_produce(rd_kafka_t *client, rd_kafka_topic_t *topic, const void *key, size_t key_size, const void *value,
                size_t value_size, rd_kafka_headers_t *headers, void *opaque) {
    rd_kafka_vu_t vu[6];
    vu[0].vtype = RD_KAFKA_VTYPE_RKT;
    vu[0].u.rkt = topic;
    vu[1].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    vu[1].u.i = RD_KAFKA_MSG_F_COPY;
    vu[2].vtype = RD_KAFKA_VTYPE_KEY;
    vu[2].u.mem.ptr = (void *)key;
    vu[2].u.mem.size = key_size;
    vu[3].vtype = RD_KAFKA_VTYPE_VALUE;
    vu[3].u.mem.ptr = (void *)value;
    vu[3].u.mem.size = value_size;
    vu[4].vtype = RD_KAFKA_VTYPE_HEADERS;
    vu[4].u.headers = headers;
    vu[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
    vu[5].u.ptr = opaque;
    rd_kafka_error_t *error = rd_kafka_produceva(client, vu, 6);
    if (!error)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    rd_kafka_resp_err_t code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
}
