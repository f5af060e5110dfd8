/**
 * What a backup agent is told to do: a file of clusters, repositories and schedules. {@link
 * AgentConfigFile} reads it and finds every mistake in one go; start there. Records are immutable.
 */
package io.lodestone.backup.config;
