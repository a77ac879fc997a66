// Typed text goes straight back into its form.
document.querySelector("[data-resume]").submit();
