package io.lodestone.conformance.requests;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Copies a message, putting other values where a server's own names stand. */
final class Rewriting {
  private Rewriting() {}

  /** Gives the value that is to stand in place of {@code value}. */
  interface Substitution {
    Object replace(IdKind kind, Object value);
  }

  static Message rewrite(Message message, Substitution substitution) {
    Message.Builder builder = message.toBuilder();
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      Optional<IdKind> kind = IdKind.of(field);
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE || kind.isPresent()) {
        builder.setField(field, rewrite(field, kind, entry.getValue(), substitution));
      }
    }
    return builder.build();
  }

  private static Object rewrite(
      FieldDescriptor field, Optional<IdKind> kind, Object value, Substitution substitution) {
    if (field.isRepeated()) {
      return ((List<?>) value).stream().map(v -> rewriteOne(kind, v, substitution)).toList();
    }
    return rewriteOne(kind, value, substitution);
  }

  private static Object rewriteOne(Optional<IdKind> kind, Object value, Substitution substitution) {
    return kind.isPresent()
        ? substitution.replace(kind.get(), value)
        : rewrite((Message) value, substitution);
  }
}
