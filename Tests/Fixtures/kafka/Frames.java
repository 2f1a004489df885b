import java.nio.ByteBuffer;
import java.util.*;
import java.util.function.Supplier;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.*;
import org.apache.kafka.common.protocol.types.*;
import org.apache.kafka.common.record.*;
import org.apache.kafka.common.utils.ByteUtils;

/**
 * Writes frames.txt: the bodies of a broker's calls in every version, as Apache Kafka's own classes write them. One
 * line each: key, version, request or response, name, variant, bytes as hex. Run it so:
 * java -cp "$KAFKA_HOME/libs/*" Frames.java > frames.txt
 *
 * Variants: "full" has a value of its own in every field, "null" is null where null is allowed, "tagged" is "full" with
 * every tagged field and one that nobody knows. Each is read by the generated class and written again; a difference
 * ends the program.
 */
public class Frames {
    static final Set<Integer> KEYS = Set.of(0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 55, 57, 60, 61,
        65, 66, 68, 69, 74, 75);
    /** Structures that may be null, by key and name: a byte before them says so, and their schemas do not. */
    static final Set<String> NULLABLE_STRUCTURES = Set.of("68 assignment", "75 cursor", "75 next_cursor");
    static final int UNKNOWN_TAG = 9999;

    final int key;
    final String variant;
    int counter;

    Frames(int key, String variant) {
        this.key = key;
        this.variant = variant;
    }

    public static void main(String[] arguments) {
        for (ApiMessageType type : ApiMessageType.values()) {
            if (!KEYS.contains((int) type.apiKey())) continue;
            for (short v = type.lowestSupportedVersion(); v <= type.highestSupportedVersion(false); v++) {
                frames(type, v, "request", type.requestSchemas()[v], type::newRequest);
                frames(type, v, "response", type.responseSchemas()[v], type::newResponse);
            }
        }
    }

    static void frames(ApiMessageType type, short version, String kind, Schema schema, Supplier<ApiMessage> message) {
        byte[] full = new Frames(type.apiKey(), "full").bytes(schema);
        print(type, version, kind, "full", full, message.get());
        for (String variant : List.of("null", "tagged")) {
            byte[] bytes = new Frames(type.apiKey(), variant).bytes(schema);
            if (!Arrays.equals(bytes, full)) print(type, version, kind, variant, bytes, message.get());
        }
    }

    static void print(ApiMessageType type, short version, String kind, String variant, byte[] bytes,
        ApiMessage message) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        message.read(new ByteBufferAccessor(buffer), version);
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer again = ByteBuffer.allocate(message.size(cache, version));
        message.write(new ByteBufferAccessor(again), cache, version);
        if (buffer.hasRemaining() || !Arrays.equals(bytes, again.array())) {
            System.err.printf("%s %d %s %s: read and written it is %s, not %s%n", type, version, kind, variant,
                HexFormat.of().formatHex(again.array()), HexFormat.of().formatHex(bytes));
            System.exit(1);
        }
        System.out.printf("%d %d %s %s %s %s%n", type.apiKey(), version, kind, type.name, variant,
            HexFormat.of().formatHex(bytes));
    }

    byte[] bytes(Schema schema) {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        for (BoundField field : schema.fields()) write(field.def.name, field.def.type, buffer);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    void write(String name, Type type, ByteBuffer buffer) {
        boolean isArray = type.arrayElementType().isPresent();
        boolean isNullable = type.isNullable()
            || type instanceof Schema && NULLABLE_STRUCTURES.contains(key + " " + name);
        if (variant.equals("null") && isNullable) {
            if (type instanceof Schema) buffer.put((byte) -1);
            else type.write(buffer, null);
        } else if (type instanceof Schema schema) {
            if (isNullable) buffer.put((byte) 1);
            for (BoundField field : schema.fields()) write(field.def.name, field.def.type, buffer);
        } else if (isArray) {
            Type element = type.arrayElementType().get();
            int count = element instanceof Schema ? 1 : 2;
            if (type instanceof CompactArrayOf) ByteUtils.writeUnsignedVarint(count + 1, buffer);
            else buffer.putInt(count);
            for (int i = 0; i < count; i++) write("", element, buffer);
        } else {
            type.write(buffer, type instanceof TaggedFields fields ? tags(fields) : value(type));
        }
    }

    /** A value that no other field has. */
    Object value(Type type) {
        counter++;
        return switch (type.toString()) {
            case "BOOLEAN" -> counter % 2 == 1;
            case "INT8" -> (byte) counter;
            case "INT16" -> (short) (300 + counter);
            case "UINT16" -> 60000 + counter;
            case "INT32" -> 70000 + counter;
            case "UNSIGNED_INT32" -> 4000000000L + counter;
            case "INT64" -> 5000000000L + counter;
            case "FLOAT64" -> counter + 0.5;
            case "UUID" -> new org.apache.kafka.common.Uuid(0x1122334455667788L, counter);
            case "STRING", "COMPACT_STRING", "NULLABLE_STRING", "COMPACT_NULLABLE_STRING" -> "t" + counter;
            case "BYTES", "COMPACT_BYTES", "NULLABLE_BYTES", "COMPACT_NULLABLE_BYTES" ->
                ByteBuffer.wrap(new byte[] {(byte) 0xfe, (byte) counter});
            case "RECORDS", "COMPACT_RECORDS" -> MemoryRecords.withRecords(RecordBatch.MAGIC_VALUE_V2, 0,
                Compression.NONE, TimestampType.CREATE_TIME,
                new SimpleRecord(1700000000000L, new byte[] {1}, new byte[] {2}));
            default -> throw new IllegalArgumentException(type.toString());
        };
    }

    Object tags(TaggedFields fields) {
        NavigableMap<Integer, Object> values = new TreeMap<>();
        if (!variant.equals("tagged")) return values;
        int before = counter;
        fields.fields().forEach((tag, field) -> values.put(tag, tagged(field.type)));
        values.put(UNKNOWN_TAG, new RawTaggedField(UNKNOWN_TAG, new byte[] {1, 2, 3}));
        counter = before;
        return values;
    }

    /** The value of a tagged field as Type.write takes it. */
    Object tagged(Type type) {
        if (type instanceof Schema schema) {
            Struct result = new Struct(schema);
            for (BoundField field : schema.fields()) result.set(field, tagged(field.def.type));
            return result;
        }
        if (type.arrayElementType().isPresent()) return new Object[] {tagged(type.arrayElementType().get())};
        return type instanceof TaggedFields fields ? tags(fields) : value(type);
    }
}
