/**
 * What people write into settings files, and how they are told what is wrong with it. A {@link
 * YamlFile} is read as plain values, or as {@link SettingsGroup}s that know the place of everything
 * in them and collect all {@link Mistakes} of a file, so that one run shows them all.
 *
 * <p>Confined to the thread that reads a file.
 */
package io.lodestone.settings;
