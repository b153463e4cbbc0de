#pragma once

// LAPACK lies in OpenBLAS, but its headers come in a package of their own. Fortran passes the lengths of strings last.
void dsyevd_(
    const char *job, const char *triangle, const int *order, double *matrix, const int *stride, double *eigenvalues,
    double *work, const int *workLength, int *integers, const int *integersLength, int *status, unsigned long jobLength,
    unsigned long triangleLength
);
