package io.lodestone.backup;

/** When an agent has done what it was asked for. */
public enum Goal {
  /** Never: follow the cluster until interrupted. */
  FOLLOW,
  /** Once everything is durable that the cluster had when the agent began. */
  CATCH_UP,
  /** Once a new base is durable. */
  BASE
}
