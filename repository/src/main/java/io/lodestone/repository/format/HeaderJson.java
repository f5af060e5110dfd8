package io.lodestone.repository.format;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import com.google.protobuf.ByteString;
import java.io.IOException;

/** Headers and the small documents as JSON: strict in both directions, times as ISO-8601. */
public final class HeaderJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
          .build();

  private HeaderJson() {}

  public static ByteString write(Object document) {
    try {
      return ByteString.copyFrom(MAPPER.writeValueAsBytes(document));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + document, e);
    }
  }

  /** Reads the bytes [from, to) of an object; anything unexpected is corrupt. */
  static <T> T read(Class<T> type, String object, byte[] bytes, int from, int to) {
    try {
      T document = MAPPER.readValue(bytes, from, to - from, type);
      if (document == null) {
        throw Damage.corrupt(object, from, "its header is empty");
      }
      return document;
    } catch (IOException | RuntimeException e) {
      throw Damage.corrupt(object, from, "its header is not what it must be", e);
    }
  }

  /** Reads a whole small document, such as {@code repository.json}. */
  public static <T> T read(Class<T> type, String object, ByteString bytes) {
    return read(type, object, bytes.toByteArray(), 0, bytes.size());
  }
}
