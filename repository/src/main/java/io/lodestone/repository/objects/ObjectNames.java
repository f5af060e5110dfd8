package io.lodestone.repository.objects;

import java.util.regex.Pattern;

/** The names that every store can hold, and none that could leave its root. */
final class ObjectNames {
  private static final Pattern LEGAL =
      Pattern.compile("(?!.*(^|/)\\.{1,2}(/|$))[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");
  private static final int MAX_LENGTH = 512;

  private ObjectNames() {}

  /** Returns {@code name}, or throws IllegalArgumentException where it is not a legal name. */
  static String checked(String name) {
    if (name.length() > MAX_LENGTH || !LEGAL.matcher(name).matches()) {
      throw new IllegalArgumentException("not an object name: " + name);
    }
    return name;
  }
}
