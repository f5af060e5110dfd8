package io.lodestone.client;

/** A user of the cluster and its password. Prints without the password. Immutable. */
public record Credentials(String user, String password) {
  @Override
  public String toString() {
    return "user " + user;
  }
}
