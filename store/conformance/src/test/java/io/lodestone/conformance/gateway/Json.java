package io.lodestone.conformance.gateway;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;

/**
 * JSON without the blanks between its tokens: Go's printer puts some there or not, by build. The
 * order of fields stays.
 */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private Json() {}

  /** One value to a line; text that is not all JSON is returned as it is. */
  static String compact(String text) {
    if (!text.startsWith("{")) {
      return text;
    }
    StringBuilder compact = new StringBuilder();
    try (JsonParser parser = MAPPER.createParser(text);
        MappingIterator<JsonNode> values = MAPPER.readValues(parser, JsonNode.class)) {
      while (values.hasNextValue()) {
        compact.append(values.nextValue()).append('\n');
      }
      return compact.toString();
    } catch (IOException e) {
      // Not JSON: then it is compared as it stands.
      return text;
    }
  }
}
