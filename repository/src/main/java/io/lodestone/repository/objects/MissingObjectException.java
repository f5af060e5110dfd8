package io.lodestone.repository.objects;

import io.lodestone.api.LodestoneException;

/** An object that was named does not exist. */
public final class MissingObjectException extends LodestoneException {
  private static final long serialVersionUID = 1L;

  private final String name;

  public MissingObjectException(String location, String name) {
    super(
        "object " + name + " is missing from " + location,
        "check the location; if it is right, copy the object back or restore from an older base");
    this.name = name;
  }

  /** The name that was asked for. */
  public String name() {
    return name;
  }
}
