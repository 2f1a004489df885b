/* Loads a Kafka broker through librdkafka and prints one line of JSON. The same client for every broker measured.
 *
 *   kafka_load produce BROKERS TOPIC PARTITIONS MESSAGES BYTES LINGER_MS BATCH_MESSAGES
 *   kafka_load latency BROKERS TOPIC RATE SECONDS
 *   kafka_load consume BROKERS TOPIC PARTITIONS MESSAGES
 */
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static long delivered, failed;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
    char error[256];
    if (rd_kafka_conf_set(conf, name, value, error, sizeof error) != RD_KAFKA_CONF_OK) fail(name, error);
}

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
    if (message->err) failed++;
    else delivered++;
}

static rd_kafka_t *make(rd_kafka_type_t type, const char *brokers, const char *linger, const char *batch) {
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    set(conf, "bootstrap.servers", brokers);
    set(conf, "broker.address.family", "v4");
    if (type == RD_KAFKA_PRODUCER) {
        set(conf, "acks", "all");
        set(conf, "linger.ms", linger);
        set(conf, "batch.num.messages", batch);
        set(conf, "queue.buffering.max.messages", "1000000");
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    } else {
        set(conf, "group.id", "load");
        set(conf, "enable.auto.commit", "false");
        set(conf, "fetch.wait.max.ms", "100");
        set(conf, "queued.min.messages", "1000000");
        set(conf, "check.crcs", "true");
    }
    char error[256];
    rd_kafka_t *client = rd_kafka_new(type, conf, error, sizeof error);
    if (!client) fail("rd_kafka_new", error);
    return client;
}

static void await_deliveries(rd_kafka_t *client, long count, double seconds) {
    double deadline = now() + seconds;
    while (delivered + failed < count) {
        rd_kafka_poll(client, 50);
        if (now() > deadline) fail("deliveries", "not all in time");
    }
}

static void send_one(rd_kafka_t *client, rd_kafka_topic_t *topic, int partition, void *bytes, size_t size) {
    while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, bytes, size, NULL, 0, NULL) != 0) {
        if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) fail("produce", rd_kafka_err2str(rd_kafka_last_error()));
        rd_kafka_poll(client, 10);
    }
}

static void produce(char **words) {
    int partitions = atoi(words[2]), size = atoi(words[4]);
    long messages = atol(words[3]);
    rd_kafka_t *client = make(RD_KAFKA_PRODUCER, words[0], words[5], words[6]);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(client, words[1], NULL);
    /* Random, as content is; the same bytes in every message. */
    char *bytes = malloc(size);
    for (int index = 0; index < size; index++) bytes[index] = rand();
    /* Every partition's leader and connection is known before the clock starts. */
    for (int partition = 0; partition < partitions; partition++) send_one(client, topic, partition, bytes, size);
    await_deliveries(client, partitions, 30);
    delivered = failed = 0;
    double start = now();
    for (long index = 0; index < messages; index++) {
        send_one(client, topic, index % partitions, bytes, size);
        if (index % 1000 == 0) rd_kafka_poll(client, 0);
    }
    await_deliveries(client, messages, 60);
    double seconds = now() - start;
    printf("{\"messages\":%ld,\"failed\":%ld,\"seconds\":%f}\n", delivered, failed, seconds);
}

/* ---- latency: one thread sends by the clock, another receives; both in this process, so there is one clock. */

static double *latencies;
static long expected, received;

static void *receive(void *argument) {
    rd_kafka_t *client = argument;
    double deadline = now() + 60;
    while (received < expected && now() < deadline) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, 100);
        if (!message) continue;
        if (!message->err && message->len >= sizeof(double)) {
            double sent;
            memcpy(&sent, message->payload, sizeof sent);
            if (sent > 0) latencies[received++] = now() - sent;
        }
        rd_kafka_message_destroy(message);
    }
    return NULL;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void latency(char **words) {
    long rate = atol(words[2]), seconds = atol(words[3]), messages = rate * seconds;
    char bytes[100] = {0};
    rd_kafka_t *producer = make(RD_KAFKA_PRODUCER, words[0], "0", "10000");
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, words[1], NULL);
    send_one(producer, topic, 0, bytes, sizeof bytes);
    await_deliveries(producer, 1, 30);
    rd_kafka_t *consumer = make(RD_KAFKA_CONSUMER, words[0], "0", "0");
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, words[1], 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    if (rd_kafka_assign(consumer, list)) fail("assign", words[1]);
    latencies = calloc(messages, sizeof(double));
    expected = messages;
    rd_kafka_message_t *first = NULL;
    for (double deadline = now() + 30; !first && now() < deadline;) first = rd_kafka_consumer_poll(consumer, 100);
    if (!first) fail("consume", "nothing came");
    rd_kafka_message_destroy(first);
    pthread_t receiver;
    pthread_create(&receiver, NULL, receive, consumer);
    double start = now();
    for (long index = 0; index < messages; index++) {
        double due = start + (double)index / rate, present = now();
        if (due > present) {
            struct timespec pause = {0, (long)((due - present) * 1e9)};
            nanosleep(&pause, NULL);
        }
        /* Latency counts from when it was due: a stall is not hidden by sending later. */
        memcpy(bytes, &due, sizeof due);
        send_one(producer, topic, 0, bytes, sizeof bytes);
        rd_kafka_poll(producer, 0);
    }
    pthread_join(receiver, NULL);
    if (received < expected) fail("latency", "not all came");
    qsort(latencies, received, sizeof(double), ascending);
    printf("{\"messages\":%ld,\"p50\":%f,\"p99\":%f}\n", received, latencies[received / 2] * 1e3,
           latencies[received * 99 / 100] * 1e3);
}

static void consume(char **words) {
    int partitions = atoi(words[2]);
    long messages = atol(words[3]), count = 0;
    rd_kafka_t *client = make(RD_KAFKA_CONSUMER, words[0], "0", "0");
    rd_kafka_poll_set_consumer(client);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
    for (int partition = 0; partition < partitions; partition++)
        rd_kafka_topic_partition_list_add(list, words[1], partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    if (rd_kafka_assign(client, list)) fail("assign", words[1]);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(client);
    rd_kafka_message_t *batch[1000];
    double start = now(), deadline = start + 60;
    while (count < messages && now() < deadline) {
        ssize_t taken = rd_kafka_consume_batch_queue(queue, 200, batch, 1000);
        for (ssize_t index = 0; index < taken; index++) {
            if (!batch[index]->err) count++;
            rd_kafka_message_destroy(batch[index]);
        }
    }
    if (count < messages) fail("consume", "not all came");
    printf("{\"messages\":%ld,\"seconds\":%f}\n", count, now() - start);
}

int main(int count, char **words) {
    if (count == 9 && !strcmp(words[1], "produce")) produce(words + 2);
    else if (count == 6 && !strcmp(words[1], "latency")) latency(words + 2);
    else if (count == 6 && !strcmp(words[1], "consume")) consume(words + 2);
    else fail("kafka_load", "see the top of kafka_load.c");
    fflush(stdout);
    /* Nothing waits for the clients to close. */
    _Exit(0);
}
