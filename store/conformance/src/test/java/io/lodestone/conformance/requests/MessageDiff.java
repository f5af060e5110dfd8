package io.lodestone.conformance.requests;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Where two messages of one type differ, as paths of field names without list positions. */
final class MessageDiff {
  /** Measured by two clocks. */
  private static final Set<String> WITHIN_A_SECOND =
      Set.of("etcdserverpb.LeaseTimeToLiveResponse.TTL");

  private final Set<String> paths = new TreeSet<>();

  private MessageDiff() {}

  static Set<String> paths(Message expected, Message actual) {
    MessageDiff diff = new MessageDiff();
    if (!expected.equals(actual)) {
      diff.compare("", expected, actual);
    }
    return diff.paths;
  }

  private void compare(String path, Message expected, Message actual) {
    TreeMap<FieldDescriptor, Object> fields = new TreeMap<>(expected.getAllFields());
    fields.putAll(actual.getAllFields());
    for (FieldDescriptor field : fields.keySet()) {
      String below = path.isEmpty() ? field.getName() : path + "." + field.getName();
      compare(below, field, expected, actual);
    }
  }

  private void compare(String path, FieldDescriptor field, Message expected, Message actual) {
    if (field.isRepeated()) {
      compareLists(path, (List<?>) expected.getField(field), (List<?>) actual.getField(field));
      return;
    }
    if (field.hasPresence() && expected.hasField(field) != actual.hasField(field)) {
      paths.add(path + (actual.hasField(field) ? " (unexpected)" : " (missing)"));
      return;
    }
    if (!closeEnough(field, expected.getField(field), actual.getField(field))) {
      compareValues(path, expected.getField(field), actual.getField(field));
    }
  }

  private void compareLists(String path, List<?> expected, List<?> actual) {
    if (expected.size() != actual.size()) {
      paths.add(path + ".size");
      return;
    }
    for (int i = 0; i < expected.size(); i++) {
      compareValues(path, expected.get(i), actual.get(i));
    }
  }

  private void compareValues(String path, Object expected, Object actual) {
    if (expected instanceof Message left && actual instanceof Message right) {
      compare(path, left, right);
    } else if (!expected.equals(actual)) {
      paths.add(path);
    }
  }

  private static boolean closeEnough(FieldDescriptor field, Object expected, Object actual) {
    return WITHIN_A_SECOND.contains(field.getFullName())
        && Math.abs((Long) expected - (Long) actual) <= 1;
  }
}
